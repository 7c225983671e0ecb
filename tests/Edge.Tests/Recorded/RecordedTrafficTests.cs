using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.LlmSimulator;
using Gateway.Recordings;

namespace Gateway.Edge.Tests.Recorded;

/// <summary>Every recorded chat answer through the real edge, in its own dialect and in every other; the counts are docs/recorded-traffic.md.</summary>
public sealed class RecordedTrafficTests
{
    private const string Page = "docs/recorded-traffic.md";
    private const double LeastTranslated = 0.995;

    [Fact]
    public async Task Every_recorded_answer_survives_the_edge()
    {
        Assert.SkipUnless(Corpus.IsPresent, "the recordings are not beside the project (../shared/data/recorded)");
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { KeepReceived = 0 }, TestContext.Current.CancellationToken);
        var outcomes = new ConcurrentBag<RecordedOutcome>();
        var numbered = Corpus.All.Recordings.Select((r, i) => (Recording: r, Number: i)).Where(r => r.Recording.IsUsableChat).ToList();
        var callers = Enum.GetValues<DialectId>().Where(IsThere).ToList();
        foreach (var group in numbered.GroupBy(r => r.Recording.DialectId!.Value).Where(g => RecordedEdge.CanCall(g.Key)))
        {
            var reached = callers.Where(c => RecordedExclusions.OfPair(group.Key, c) is null).ToList();
            await using (var edge = await RecordedEdge.StartAsync(simulator, group.Key))
            {
                await Parallel.ForEachAsync(group.Where(r => !r.Recording.IsError), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (r, _) =>
                {
                    foreach (var caller in reached)
                    {
                        await AskAsync(edge, r.Recording, r.Number, caller, outcomes);
                    }
                });
            }

            // An error rests the credential or the deployment that met it, so that each needs an edge of its own.
            foreach (var (recording, number) in group.Where(r => r.Recording.IsError))
            {
                foreach (var caller in reached)
                {
                    await using var edge = await RecordedEdge.StartAsync(simulator, group.Key);
                    await AskAsync(edge, recording, number, caller, outcomes);
                }
            }
        }

        var failures = outcomes.Where(o => o.Differences.Count > 0).OrderBy(o => o.Recording.Id, StringComparer.Ordinal).Select(o => $"{o.Recording.Id} ({o.Recording.DialectId}) for {o.Caller}: {string.Join("; ", o.Differences)}").ToList();
        var same = outcomes.Where(o => o.IsSameDialect).ToList();
        var translated = outcomes.Where(o => !o.IsSameDialect).ToList();
        var list = $"{same.Count(o => o.Survived)} of {same.Count} same, {translated.Count(o => o.Survived)} of {translated.Count} translated\n{string.Join('\n', failures)}";
        Assert.True(same.TrueForAll(o => o.Survived), list);
        Assert.True(translated.Count(o => o.Survived) >= translated.Count * LeastTranslated, list);
        await HoldPageAsync(RecordedReport.Write(outcomes, numbered.Select(r => r.Recording).ToList()));
    }

    private static async Task AskAsync(RecordedEdge edge, Recording recording, int number, DialectId caller, ConcurrentBag<RecordedOutcome> outcomes)
    {
        if (RecordedExclusions.Of(recording, caller) is null)
        {
            outcomes.Add(new RecordedOutcome(recording, caller, await edge.DifferencesAsync(recording, number, caller)));
        }
    }

    /// <summary>Run with GATEWAY_UPDATE_DOCS=1 to write the page anew after a change of the counts.</summary>
    private static async Task HoldPageAsync(string text)
    {
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(SourceTree.PathOf(Page), text, TestContext.Current.CancellationToken);
        }
        else
        {
            Assert.Equal(await File.ReadAllTextAsync(SourceTree.PathOf(Page), TestContext.Current.CancellationToken), text);
        }
    }

    private static bool IsThere(DialectId id)
    {
        try
        {
            return ChatDialects.Get(id).Id == id;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}

/// <summary>What became of one recording for one caller.</summary>
internal sealed record RecordedOutcome(Recording Recording, DialectId Caller, IReadOnlyList<string> Differences)
{
    public bool Survived => Differences.Count == 0;

    public bool IsSameDialect => Recording.DialectId == Caller;
}

/// <summary>What is not run, each with its reason.</summary>
internal static class RecordedExclusions
{
    /// <summary>Pairs that do not meet at the edge.</summary>
    public static string? OfPair(DialectId provider, DialectId caller) => (provider, caller) switch
    {
        _ when provider == caller => null,
        (DialectId.OpenAIResponses, _) => "the edge asks providers of OpenAI's dialect for chat completions unless the caller speaks Responses",
        (DialectId.OpenAICompletions, _) => "the edge asks providers for completions only where the caller does",
        (_, DialectId.OpenAICompletions) => "completions hold one text: no tools, no parts",
        _ => null,
    };

    /// <summary>Recordings without one meaning to keep.</summary>
    public static string? Of(Recording recording, DialectId caller) => recording.Id switch
    {
        _ when Has(recording, "spliced-message-start") => "two messages spliced into one stream, the first of them broken off: there is no one meaning to keep",
        _ when Has(recording, "ChatWithBasicAudioOutput") && caller == DialectId.Cohere => "Cohere's streams have no place for audio or its transcript",
        _ => null,
    };

    private static bool Has(Recording recording, string name) => recording.Id.Contains(name, StringComparison.Ordinal);
}

/// <summary>The page of counts.</summary>
internal static class RecordedReport
{
    public static string Write(IReadOnlyCollection<RecordedOutcome> outcomes, IReadOnlyList<Recording> chats)
    {
        var text = new StringBuilder("""
            # Recorded traffic

            Generated by `tests/Edge.Tests/Recorded`; write anew with `GATEWAY_UPDATE_DOCS=1 dotnet test --project tests/Edge.Tests -- --filter-class "*RecordedTraffic*"`.

            Every recorded chat answer of `../shared/data/recorded` is given by a simulated provider, its bytes cut at random places, and asked for through the real
            edge in its own dialect and in the others. In its own dialect the bytes are the same. In the others text, calls of tools with their arguments, ending,
            usage, status, messages of errors and the form of streams are compared by readers that share no code with the gateway.

            | dialect | provider | kind | recordings | same dialect | translated |
            |---|---|---|---|---|---|

            """);
        foreach (var group in chats.GroupBy(r => (Dialect: r.DialectId!.Value, r.Provider, Kind: r.IsError ? "error" : r.IsStream ? "stream" : "plain")).OrderBy(g => g.Key.Dialect).ThenBy(g => g.Key.Provider, StringComparer.Ordinal).ThenBy(g => g.Key.Kind, StringComparer.Ordinal))
        {
            var ids = group.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
            var own = outcomes.Where(o => ids.Contains(o.Recording.Id)).ToList();
            _ = text.Append(CultureInfo.InvariantCulture, $"| {group.Key.Dialect} | {group.Key.Provider} | {group.Key.Kind} | {group.Count()} | {Share(own.Where(o => o.IsSameDialect))} | {Share(own.Where(o => !o.IsSameDialect))} |\n");
        }

        _ = text.Append(CultureInfo.InvariantCulture, $"| all | | | {chats.Count} | {Share(outcomes.Where(o => o.IsSameDialect))} | {Share(outcomes.Where(o => !o.IsSameDialect))} |\n");
        _ = text.Append("\n## By the caller's dialect\n\n| provider's | caller's | survived |\n|---|---|---|\n");
        foreach (var pair in outcomes.GroupBy(o => (From: o.Recording.DialectId!.Value, To: o.Caller)).OrderBy(g => g.Key.From).ThenBy(g => g.Key.To))
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"| {pair.Key.From} | {pair.Key.To} | {Share(pair)} |\n");
        }

        Lost(text, outcomes);
        Excluded(text);
        return text.ToString();
    }

    private static void Lost(StringBuilder text, IReadOnlyCollection<RecordedOutcome> outcomes)
    {
        _ = text.Append("\n## What does not survive\n\n");
        var lost = outcomes.Where(o => !o.Survived).OrderBy(o => o.Recording.Id, StringComparer.Ordinal).ThenBy(o => o.Caller).ToList();
        foreach (var o in lost)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"- {o.Recording.Id} for {o.Caller}: {string.Join("; ", o.Differences).ReplaceLineEndings(" ")}\n");
        }

        _ = lost.Count == 0 ? text.Append("Nothing.\n") : text;
    }

    private static void Excluded(StringBuilder text)
    {
        _ = text.Append("\n## What is not run\n\n| recordings or files | reason |\n|---|---|\n");
        var reasons = Corpus.All.Recordings.Where(r => !r.IsUsableChat).Select(r => r.ExcludedBecause ?? $"no chat: {r.Operation}")
            .Concat(Corpus.All.Files.Where(f => f.ExcludedBecause is not null).Select(f => "file: " + f.ExcludedBecause))
            .Concat(Corpus.All.Chats.Where(r => !RecordedEdge.CanCall(r.DialectId!.Value)).Select(r => $"the edge is no client of {r.DialectId} yet"))
            .Concat(Corpus.All.Chats.SelectMany(r => new[] { DialectId.OpenAIChat, DialectId.Cohere }.Select(c => RecordedExclusions.Of(r, c)).Distinct()).OfType<string>());
        foreach (var reason in reasons.GroupBy(r => r, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"| {reason.Count()} | {reason.Key} |\n");
        }

        foreach (var (from, to) in new[] { (DialectId.OpenAIResponses, DialectId.OpenAIChat), (DialectId.OpenAICompletions, DialectId.OpenAIChat), (DialectId.OpenAIChat, DialectId.OpenAICompletions) })
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"| pairs | {RecordedExclusions.OfPair(from, to)} |\n");
        }
    }

    private static string Share(IEnumerable<RecordedOutcome> outcomes)
    {
        var list = outcomes.ToList();
        return list.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{list.Count(o => o.Survived)}/{list.Count}");
    }
}
