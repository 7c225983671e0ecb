using System.Buffers;
using Gateway.Dialects.Chat;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>
/// Every recorded answer, read as its provider's, written for a caller of every other dialect and read again by that dialect, says the same: text,
/// reasoning, tool calls, finish reason and usage, as far as the caller's dialect can say it.
/// </summary>
public sealed class PairMatrixTests(ITestOutputHelper output)
{
    public static TheoryData<DialectId, DialectId> Pairs
    {
        get
        {
            var pairs = new TheoryData<DialectId, DialectId>();
            foreach (var provider in Registered)
            {
                foreach (var caller in Registered.Where(c => c != provider))
                {
                    pairs.Add(provider, caller);
                }
            }

            return pairs;
        }
    }

    private static IEnumerable<DialectId> Registered => Enum.GetValues<DialectId>().Where(static id => Find(id) is not null);

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Recorded_answers_survive_translation(DialectId provider, DialectId caller)
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var from = Find(provider)!;
        var to = Find(caller)!;
        var random = new Random((int)provider * 10 + (int)caller);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var failures = new List<string>();
        foreach (var recording in Corpus.All.Chats.Where(r => r.DialectId == provider))
        {
            var left = PairExclusions.Of(recording, caller);
            var kind = recording.IsError ? "error" : recording.IsStream ? "stream" : "plain";
            var name = left is null ? $"{recording.Provider} {kind}" : $"left out: {left}";
            counts[name] = counts.GetValueOrDefault(name) + 1;
            if (left is null && Judge(from, to, recording, random) is { } failure)
            {
                failures.Add($"{recording.Id}: {failure}");
            }
        }

        output.WriteLine($"{provider} → {caller}: {counts.Where(static c => !c.Key.StartsWith("left", StringComparison.Ordinal)).Sum(static c => c.Value)} answers");
        foreach (var (name, count) in counts)
        {
            output.WriteLine($"{count,5} {name}");
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {counts.Values.Sum()}\n{string.Join('\n', failures.Take(25))}");
    }

    private static string? Judge(IChatDialect from, IChatDialect to, Recording recording, Random random)
    {
        if (recording.IsError)
        {
            return JudgeError(from, to, recording);
        }

        return recording.IsStream ? JudgeStream(from, to, recording, random) : JudgePlain(from, to, recording);
    }

    private static string? JudgePlain(IChatDialect from, IChatDialect to, Recording recording)
    {
        if (!from.TryReadAnswer(recording.ResponseBody, out var answer))
        {
            return "not read";
        }

        var buffer = new ArrayBufferWriter<byte>();
        to.WriteAnswer(answer, Context(from.Id), buffer);
        return to.TryReadAnswer(buffer.WrittenMemory, out var again) ? Compare(to.Id, answer, again) : "what was written is not read";
    }

    private static string? JudgeStream(IChatDialect from, IChatDialect to, Recording recording, Random random)
    {
        var reading = Wire.Read(from, recording.ResponseBody, random);
        if (reading.Invalid is not null)
        {
            return "invalid: " + reading.Invalid;
        }

        if (StreamOrder.Violation(reading.Events) is { } disorder)
        {
            return "as read: " + disorder;
        }

        var isFailed = reading.Events.Any(static e => e.Kind == ChatEventKind.Error);
        var written = new ArrayBufferWriter<byte>();
        var writer = to.CreateStreamWriter(Context(from.Id));
        foreach (var e in reading.Events)
        {
            writer.Write(e, written);
        }

        if (!reading.IsWhole && !isFailed)
        {
            writer.WriteError(new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "The provider's stream was cut." }, written);
        }

        var again = Wire.Read(to, written.WrittenMemory, random);
        if (again.Invalid is not null)
        {
            return "what was written is invalid: " + again.Invalid;
        }

        if (!reading.IsWhole || isFailed)
        {
            return again.IsWhole && !again.Events.Any(static e => e.Kind == ChatEventKind.Error) ? "a failed stream passed for success" : null;
        }

        return !again.IsWhole ? "what was written is not whole"
            : StreamOrder.Violation(again.Events) ?? Compare(to.Id, reading.Assemble(from.Id).Build(), again.Assemble(to.Id).Build());
    }

    private static string? JudgeError(IChatDialect from, IChatDialect to, Recording recording)
    {
        var error = from.ReadError(recording.Status, recording.ResponseBody);
        var buffer = new ArrayBufferWriter<byte>();
        to.WriteError(error, buffer);
        var again = to.ReadError(error.Status, buffer.WrittenMemory);
        return again.Message == error.Message && again.Status == error.Status ? null : $"{error} became {again}";
    }

    private static string? Compare(DialectId caller, ChatAnswer answer, ChatAnswer again)
    {
        var expected = Expressible.In(caller, AnswerDigest.Of(answer));
        var actual = Expressible.In(caller, AnswerDigest.Of(again));
        // Some dialects cannot leave usage out.
        return (expected.Usage is null ? expected with { Usage = actual.Usage } : expected).Differs(actual);
    }

    private static AnswerContext Context(DialectId origin) => new()
    {
        Id = "0123456789", Model = "public-model", Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), IncludeUsage = true,
        Request = new ChatRequest { Origin = origin, Model = "public-model", IncludeUsage = true },
    };

    private static IChatDialect? Find(DialectId id)
    {
        try
        {
            return ChatDialects.Get(id);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
