using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Load;

/// <summary>The text of a run, on the console as it comes and whole at the end.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static double Percentile(double[] sorted, double percent)
        => sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(sorted.Length * percent / 100) - 1)];

    public void Line(FormattableString line) => Write(line.ToString(CultureInfo.InvariantCulture));

    public void Title(string title)
    {
        Write("");
        Write(title);
    }

    public void Machine(string upstream, Arguments arguments, string configuration)
    {
        var cpu = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        Line($"machine: {Environment.ProcessorCount} cores shared by load, upstream and proxy, {cpu ?? RuntimeInformation.ProcessArchitecture.ToString()}, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, {configuration} build");
        Line($"upstream of plain requests: {upstream}; of streams: the simulator");
        Line($"{arguments.Runs} run(s) of {arguments.Seconds} s of each target in turn, medians; load average at the start {LoadAverage()}");
        if (arguments.Quick || configuration != "Release")
        {
            Write("NOT A RESULT: a quick or debug run only shows that everything works");
        }
    }

    public void Table(string[] header, IEnumerable<string[]> rows)
    {
        string[][] all = [header, .. rows];
        var widths = header.Select((_, c) => all.Max(r => r[c].Length)).ToArray();
        foreach (var row in all)
        {
            Write(string.Join("  ", row.Select((v, c) => c == 0 ? v.PadRight(widths[c]) : v.PadLeft(widths[c]))));
        }
    }

    public static string Number(double value, string format, string unit = "")
        => double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture) + unit;

    public static string LoadAverage() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";

    private void Write(string line)
    {
        Console.WriteLine(line);
        _ = _text.AppendLine(line);
    }
}
