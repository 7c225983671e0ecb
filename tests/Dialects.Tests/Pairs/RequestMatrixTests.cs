using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>
/// Every recorded request, read as its caller's, written for a provider of every other dialect and read again, says the same: instructions, conversation,
/// calls, results and tools. What cannot be said is on the list of what was dropped, or the request is refused.
/// </summary>
public sealed class RequestMatrixTests(ITestOutputHelper output)
{
    /// <summary>Without completions as the provider's dialect: it has one text in place of a conversation.</summary>
    public static TheoryData<DialectId, DialectId> Pairs
    {
        get
        {
            var pairs = new TheoryData<DialectId, DialectId>();
            foreach (var (caller, provider) in PairMatrixTests.Pairs.Select(static p => p.Data).Where(static p => p.Item2 != DialectId.OpenAICompletions))
            {
                pairs.Add(caller, provider);
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Recorded_requests_survive_translation(DialectId caller, DialectId provider)
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var from = ChatDialects.Get(caller);
        var to = ChatDialects.Get(provider);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var failures = new List<string>();
        foreach (var recording in Corpus.All.Chats.Where(r => r.DialectId == caller && r.Request is { Body.Length: > 0 } && !r.IsError))
        {
            var (kind, failure) = Judge(from, to, recording);
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            if (failure is not null)
            {
                failures.Add($"{recording.Id}: {failure}");
            }
        }

        output.WriteLine($"{caller} → {provider}: {string.Join(", ", counts.Select(static c => $"{c.Value} {c.Key}"))}");
        Assert.True(failures.Count == 0, $"{failures.Count} of {counts.Values.Sum()}\n{string.Join('\n', failures.Take(25))}");
    }

    private static (string Kind, string? Failure) Judge(IChatDialect from, IChatDialect to, Recording recording)
    {
        var location = new RequestLocation("model", recording.Request!.Path.Contains("stream", StringComparison.OrdinalIgnoreCase));
        if (from.ReadRequest(recording.Request.Body, location, out var request) is { } problem)
        {
            // Completions may ask for several answers at once, which no chat can.
            return ($"refused for {Member(problem.Param)}", from.Id == DialectId.OpenAICompletions && problem.Param == "prompt" ? null : problem.Message);
        }

        var buffer = new ArrayBufferWriter<byte>();
        var drops = new DropList();
        if (to.WriteRequest(request, new RequestTarget { Model = "model", MaxOutputTokens = 4096 }, buffer, drops) is { } refused)
        {
            return ($"refused for {Member(refused.Param)}", string.IsNullOrEmpty(refused.Message) ? "refused without a word" : null);
        }

        if (to.ReadRequest(buffer.WrittenMemory, location, out var again) is { } wrong)
        {
            return ("unread again", $"{wrong.Message} in {Encoding.UTF8.GetString(buffer.WrittenSpan)}");
        }

        var expected = RequestDigest.Of(request);
        var actual = RequestDigest.Of(again, plans: to.Id == DialectId.Cohere);
        return expected == actual ? ("the same", null)
            : drops.Names.Count > 0 ? ("the same but for what is listed", null)
            : ("other", $"\n  expected {Cut(expected, actual)}\n  got      {Cut(actual, expected)}");
    }

    private static string Member(string? param) => param is null ? "a member" : param.Split('[', '.')[0];

    private static string Cut(string text, string other)
    {
        var at = Math.Max(0, text.Zip(other).TakeWhile(static p => p.First == p.Second).Count() - 40);
        return text[at..Math.Min(text.Length, at + 200)];
    }
}
