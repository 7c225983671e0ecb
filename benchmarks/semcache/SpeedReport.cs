using System.Diagnostics;
using System.Text;

namespace Gateway.Benchmarks.SemCache;

/// <summary>Prints lines and keeps them for a file.</summary>
internal sealed class SpeedReport
{
    private const int Rounds = 7;
    private readonly StringBuilder _text = new();

    public static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Trim() : "unknown";

    public void Line(string line)
    {
        Console.WriteLine(line);
        _text.Append(line).Append('\n');
    }

    /// <summary>Best mean of some rounds.</summary>
    public void Time(string name, string aim, int times, Action action, int parts = 1)
    {
        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < times; i++)
            {
                action();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds / times / parts);
        }

        Line($"{name,-48}{best,10:0.0000} ms{(aim.Length == 0 ? "" : $"   aim {aim}")}");
    }

    /// <summary>Writes the file: that of the results by default, none for "none".</summary>
    public void Save(string? to)
    {
        if (to == "none" || (to ?? ResultFile.PathOf("semcache-speed")) is not { } file)
        {
            return;
        }

        File.WriteAllText(file, _text.ToString());
        Console.WriteLine($"saved to {file}");
    }
}
