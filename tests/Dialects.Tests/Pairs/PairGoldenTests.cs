using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>
/// Golden files of every pair: <c>Golden/pairs/{dialect}/{kind}/{case}.in.*</c> is what a caller (requests) or a provider (answers, streams, errors) of that dialect
/// sends, <c>{case}.{other}.*</c> what the other side gets. Requests have a section <c>dropped</c>.
/// </summary>
public sealed class PairGoldenTests
{
    public static TheoryData<string, string> Requests => PairGolden.Cases("requests", ".in.json");

    public static TheoryData<string, string> Answers => PairGolden.Cases("answers", ".in.json");

    public static TheoryData<string, string> Errors => PairGolden.Cases("errors", ".in.json");

    public static TheoryData<string, string> Streams => [.. PairGolden.Cases("streams", ".in.sse"), .. PairGolden.Cases("streams", ".in.events")];

    [Theory]
    [MemberData(nameof(Requests))]
    public void Requests_are_sent_as_written_down(string input, string target)
    {
        var to = ChatDialects.Get(PairGolden.Folders[target]);
        Assert.Null(PairGolden.DialectOf(input).ReadRequest(Golden.Input(input + ".in.json"), PairGolden.Location, out var request));
        var drops = new DropList();
        var output = new ArrayBufferWriter<byte>();
        var problem = to.WriteRequest(request, PairGolden.Target(to.Id, input.EndsWith("/reasoning", StringComparison.Ordinal)), output, drops);
        var sent = problem is null ? new JsonObject
        {
            ["dropped"] = new JsonArray([.. drops.Names.Select(static name => (JsonNode)name)]),
            ["body"] = JsonNode.Parse(output.WrittenSpan),
        }
        : new JsonObject { ["problem"] = problem.Message, ["param"] = problem.Param };
        Golden.CheckJson($"{input}.{target}", Encoding.UTF8.GetBytes(sent.ToJsonString()));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answers_are_told_as_written_down(string input, string caller)
    {
        var to = ChatDialects.Get(PairGolden.Folders[caller]);
        Assert.True(PairGolden.DialectOf(input).TryReadAnswer(Golden.Input(input + ".in.json"), out var answer));
        var output = new ArrayBufferWriter<byte>();
        if (answer.Error is { } error)
        {
            to.WriteError(error with { Type = null, Code = null }, output);
        }
        else
        {
            to.WriteAnswer(answer, PairGolden.Context(caller), output);
        }

        Golden.CheckJson($"{input}.{caller}", output.WrittenSpan);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Errors_are_told_as_written_down(string input, string caller)
    {
        var to = ChatDialects.Get(PairGolden.Folders[caller]);
        var status = int.Parse(input[(input.LastIndexOf('.') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        // Type and code are the provider's own words, which the edge does not tell callers of another dialect.
        var error = PairGolden.DialectOf(input).ReadError(status, Golden.Input(input + ".in.json")) with { Type = null, Code = null };
        var told = new JsonObject { ["status"] = error.Status, ["kind"] = error.Kind.ToString(), ["body"] = PairGolden.Written(output => to.WriteError(error, output)) };
        Golden.CheckJson($"{input}.{caller}", Encoding.UTF8.GetBytes(told.ToJsonString()));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Streams_are_told_as_written_down(string input, string caller)
    {
        var from = PairGolden.DialectOf(input);
        var to = ChatDialects.Get(PairGolden.Folders[caller]);
        var reader = from.CreateStreamReader();
        var writer = to.CreateStreamWriter(PairGolden.Context(caller));
        var output = new ArrayBufferWriter<byte>();
        var events = new List<ChatEvent>();
        foreach (var (name, payload) in PairGolden.Events(Golden.Input(input + (from.Id == DialectId.BedrockConverse ? ".in.events" : ".in.sse"))))
        {
            Assert.True(reader.Read(Encoding.UTF8.GetBytes(name), payload.Span, events));
        }

        Assert.Equal(events.Exists(static e => e.Kind == ChatEventKind.Error), !reader.Complete(events));
        foreach (var e in events)
        {
            if (e.Kind == ChatEventKind.Error)
            {
                writer.WriteError(e.Error! with { Type = null, Code = null }, output);
                break;
            }

            writer.Write(e, output);
        }

        var extension = to.Id == DialectId.BedrockConverse ? "events" : "sse";
        Golden.CheckText($"{input}.{caller}.{extension}", Encoding.UTF8.GetBytes(PairGolden.Transcript(to.Id, output.WrittenMemory)));
    }
}
