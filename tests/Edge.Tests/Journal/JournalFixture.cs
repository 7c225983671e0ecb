using Gateway.Contracts.Usage;
using Gateway.Edge.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Edge.Tests.Journal;

/// <summary>A journal folder that is removed afterwards, and what the tests do with it.</summary>
internal sealed class JournalFixture : IDisposable
{
    public JournalFixture() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "gateway-journal-" + Guid.NewGuid().ToString("n"));

    public string Folder => Path.Combine(Root, "journal");

    public UsageJournal Open(int segmentBytes = 64 * 1024, bool local = false, long? maxBytes = null, bool hold = false)
        => new(
            new JournalOptions { Directory = Folder, SegmentBytes = segmentBytes, LocalHistory = local, MaxBytes = maxBytes, HoldForReplay = hold },
            TimeProvider.System,
            NullLogger<UsageJournal>.Instance);

    public static UsageEntry Entry(string model, long input = 1) => new()
    {
        StartedAtMicros = 1_700_000_000_000_000,
        Operation = Operation.Chat,
        Outcome = RequestOutcome.Completed,
        Status = 200,
        Attempts = 1,
        KeyId = "key-1",
        TeamId = "team-1",
        Model = model,
        DeploymentId = "openai/gpt-4o-mini",
        ProviderId = "openai",
        InputTokens = input,
        OutputTokens = 2,
        CostNanoUsd = 42,
        PriceVersion = "2026-11-21",
    };

    /// <summary>Appends, waiting for the next segment where it is not ready yet: tests append faster than any gateway does.</summary>
    public static void Append(UsageJournal journal, in UsageEntry entry)
    {
        var patience = TimeProvider.System.GetTimestamp();
        while (!journal.TryAppend(in entry))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(patience) < TimeSpan.FromSeconds(20), journal.NotReadyReason ?? "no segment came");
            Thread.Yield();
        }
    }

    public static List<UsageRecord> ReadAll(UsageJournal journal) => [.. journal.EnumerateFrom(JournalPosition.Start).Select(i => i.Record)];

    public string[] Segments() => [.. Directory.GetFiles(Folder, "*.journal").Order(StringComparer.Ordinal)];

    public static Task Until(Func<bool> condition, string what) => Eventually.TrueAsync(condition, "Waited in vain until " + what);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
