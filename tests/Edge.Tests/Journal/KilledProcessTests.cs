using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace Gateway.Edge.Tests.Journal;

public sealed class KilledProcessTests
{
    [Fact]
    public async Task A_process_killed_while_appending_leaves_every_confirmed_record_exactly_once_and_no_garbage()
    {
        using var fixture = new JournalFixture();
        var confirmed = new Dictionary<string, long>();
        for (var run = 0; run < 3; run++)
        {
            await RunAndKill(fixture, run, confirmed);
        }

        using var journal = fixture.Open(256 * 1024);
        var records = JournalFixture.ReadAll(journal);

        Assert.Equal(records.Count, records.Select(r => r.Id).Distinct().Count());
        foreach (var (writer, count) in confirmed)
        {
            var numbers = records.Where(r => r.Model == writer).Select(r => r.Tokens.Input).ToList();

            // The one under way when the process died may be there, too: published, its confirmation not noted.
            Assert.InRange(numbers.Count, count, count + 1);
            Assert.Equal(Enumerable.Range(1, numbers.Count).Select(i => (long)i), numbers);
        }

        Assert.Equal(3 * CrashChild.Threads, confirmed.Count);
        var sample = Sample();
        Assert.All(records, r => Assert.Equal(r with { Id = "", Model = "" }, Expected(sample, r.Tokens.Input)));
        Assert.Equal(records.Count, journal.BacklogRecords);
        Assert.Equal(0, journal.Recovery.Damaged);
    }

    private static async Task RunAndKill(JournalFixture fixture, int run, Dictionary<string, long> confirmed)
    {
        var notes = Path.Combine(fixture.Root, $"notes-{run}");
        await File.WriteAllBytesAsync(notes, new byte[CrashChild.Threads * 64], TestContext.Current.CancellationToken);
        using var file = MemoryMappedFile.CreateFromFile(notes, FileMode.Open);
        using var view = file.CreateViewAccessor();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(KilledProcessTests).Assembly.Location);
        }

        start.ArgumentList.Add("--help");
        start.Environment[CrashChild.Variable] = $"{fixture.Folder}|{notes}|{run.ToString(CultureInfo.InvariantCulture)}";
        using var child = Process.Start(start)!;
        try
        {
            await JournalFixture.Until(
                () => child.HasExited || Enumerable.Range(0, CrashChild.Threads).All(t => view.ReadInt64(t * 64) > 3_000 + (run * 1_111)),
                "the child has appended from every thread");
            Assert.False(child.HasExited);
        }
        finally
        {
            child.Kill();
        }

        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        for (var t = 0; t < CrashChild.Threads; t++)
        {
            confirmed.Add($"{run}-{t}", view.ReadInt64(t * 64));
        }
    }

    private static Contracts.Usage.UsageRecord Sample()
    {
        using var fixture = new JournalFixture();
        using var journal = fixture.Open();
        JournalFixture.Append(journal, JournalFixture.Entry(""));
        return JournalFixture.ReadAll(journal).Single();
    }

    private static Contracts.Usage.UsageRecord Expected(Contracts.Usage.UsageRecord sample, long number)
        => sample with { Id = "", Model = "", Tokens = sample.Tokens with { Input = number } };
}
