using System.Globalization;

namespace Gateway.Load.Running;

/// <summary>What a process and its children have used, from <c>/proc</c>.</summary>
/// <param name="CpuSeconds">User and system time together.</param>
/// <param name="RssMb">Resident memory now.</param>
/// <param name="PeakMb">The highest it was, summed over the processes.</param>
internal sealed record ProcStat(double CpuSeconds, double RssMb, double PeakMb)
{
    // The kernel reports in USER_HZ, which is 100 on every Linux .NET runs on.
    private const double TicksPerSecond = 100;

    public static ProcStat Of(int pid)
    {
        double ticks = 0, rss = 0, peak = 0;
        foreach (var id in Tree(pid))
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{id}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                ticks += double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
                foreach (var line in File.ReadLines($"/proc/{id}/status"))
                {
                    rss += Megabytes(line, "VmRSS:");
                    peak += Megabytes(line, "VmHWM:");
                }
            }
            catch (IOException)
            {
                // A child that ended between listing and reading no longer counts.
            }
        }

        return new ProcStat(ticks / TicksPerSecond, rss, peak);
    }

    private static IEnumerable<int> Tree(int pid)
    {
        yield return pid;
        var children = $"/proc/{pid}/task/{pid}/children";
        foreach (var child in File.Exists(children) ? File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            foreach (var id in Tree(int.Parse(child, CultureInfo.InvariantCulture)))
            {
                yield return id;
            }
        }
    }

    private static double Megabytes(string line, string name)
        => line.StartsWith(name, StringComparison.Ordinal) ? double.Parse(line[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) / 1024 : 0;
}
