using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Gateway.Edge.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Edge.Tests.Journal;

/// <summary>
/// The process that a test kills: this assembly started again with a variable set. It appends without end and notes after each confirmed
/// append its number, per thread, in a shared file.
/// </summary>
internal static class CrashChild
{
    public const string Variable = "GATEWAY_TEST_JOURNAL_CHILD";

    public const int Threads = 4;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The test runner owns Main; this is the only door in before it.")]
    public static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } arguments)
        {
            return;
        }

        // A foreground thread, which keeps the process alive after Main; nothing of this assembly can run on others before this method ends.
        var parts = arguments.Split('|');
        new Thread(() => Run(parts[0], parts[1], parts[2])).Start();
    }

    private static void Run(string folder, string notes, string run)
    {
        using var journal = new UsageJournal(new JournalOptions { Directory = folder, SegmentBytes = 256 * 1024 }, TimeProvider.System, NullLogger<UsageJournal>.Instance);
        using var file = MemoryMappedFile.CreateFromFile(notes, FileMode.Open);
        using var view = file.CreateViewAccessor();
        var threads = Enumerable.Range(0, Threads).Select(t => new Thread(() =>
        {
            // Bounded, so that a child whose parent died ends too.
            for (long i = 1; i <= 20_000_000;)
            {
                if (journal.TryAppend(JournalFixture.Entry($"{run}-{t}", i)))
                {
                    view.Write(t * 64, i);
                    i++;
                }
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
    }
}
