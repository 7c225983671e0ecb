using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.LedgerBenchmark;

/// <summary>The text of a run, on the console as it comes and whole at the end.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public static string Load => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";

    public void Machine(Arguments arguments)
    {
        var cpu = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        Line($"machine: {Environment.ProcessorCount} cores shared by service, store and load, {cpu ?? RuntimeInformation.ProcessArchitecture.ToString()}, {RuntimeInformation.OSDescription}, .NET {Environment.Version}");
        Line($"load average at the start {Load}: with more than {Environment.ProcessorCount} the times below are mostly waiting for a core");
        if (arguments.Small)
        {
            Line($"NOT A RESULT: small sizes only show that everything works");
        }
    }

    public void Line(FormattableString line) => Write(line.ToString(CultureInfo.InvariantCulture));

    public void Title(FormattableString title)
    {
        Write("");
        Line(title);
    }

    /// <summary>One line of times, with the target they are held against.</summary>
    public void Times(string what, IEnumerable<double> milliseconds, double aim)
    {
        var sorted = milliseconds.Order().ToArray();
        Line($"  {what,-34} median {sorted[sorted.Length / 2],8:F1} ms   fastest {sorted[0],8:F1} ms   slowest {sorted[^1],8:F1} ms   aim {aim:F0} ms");
    }

    private void Write(string line)
    {
        Console.WriteLine(line);
        _ = _text.AppendLine(line);
    }
}
