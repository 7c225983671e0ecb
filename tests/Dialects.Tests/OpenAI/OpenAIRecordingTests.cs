using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Tests.Contract;
using Gateway.Dialects.Tests.Schemas;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.OpenAI;

/// <summary>Every recorded chat completion of OpenAI and of those who are compatible, read by the dialect and written again.</summary>
public sealed class OpenAIRecordingTests(ITestOutputHelper output)
{
    private static readonly OpenAIChatDialect _dialect = OpenAIChatDialect.Instance;

    private static readonly AnswerContext _context = new() { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch, IncludeUsage = true };

    [Fact]
    public void Plain_answers_say_the_same_read_and_written_again() => ForEach(static r => r is { IsStream: false, IsError: false }, static recording =>
    {
        var expected = SeenAnswer.OfAnswer(JsonNode.Parse(recording.ResponseBody.Span)!);
        Assert.True(_dialect.TryReadAnswer(recording.ResponseBody, out var answer), "not read");
        Assert.Equal(expected, SeenAnswer.OfNeutral(answer));

        var written = new ArrayBufferWriter<byte>();
        _dialect.WriteAnswer(answer, _context, written);
        var json = JsonNode.Parse(written.WrittenSpan)!;
        Assert.Equal(expected, SeenAnswer.OfAnswer(json));
        Assert.Empty(JsonSchemaChecker.OpenAI?.Check("CreateChatCompletionResponse", json) ?? []);
    });

    [Fact]
    public void Streams_say_the_same_read_and_written_again() => ForEach(static r => r is { IsStream: true, IsError: false }, static recording =>
    {
        var random = new Random(recording.Id.Length);
        var frames = SseWire.Read(recording.ResponseBody, random, 300);
        var expected = SeenAnswer.OfStream(frames.Select(static f => Encoding.UTF8.GetString(f.Payload)));
        var events = new List<ChatEvent>();
        var reader = _dialect.CreateStreamReader();
        foreach (var frame in frames)
        {
            Assert.True(reader.Read(frame.Name, frame.Payload, events), "not read");
        }

        Assert.True(reader.Complete(events), "not whole");
        EventOrder.Check(events);
        var assembler = new AnswerAssembler(DialectId.OpenAIChat);
        events.ForEach(e => assembler.Add(e));
        Assert.Equal(expected, SeenAnswer.OfNeutral(assembler.Build()));

        var written = new ArrayBufferWriter<byte>();
        var writer = _dialect.CreateStreamWriter(_context);
        events.ForEach(e => writer.Write(e, written));
        var payloads = SseWire.Read(written.WrittenMemory, random, 300).ConvertAll(static f => Encoding.UTF8.GetString(f.Payload));
        Assert.Equal(expected, SeenAnswer.OfStream(payloads));
        Assert.Equal("[DONE]", payloads[^1]);
        foreach (var payload in payloads.SkipLast(1))
        {
            Assert.Empty(JsonSchemaChecker.OpenAI?.Check("CreateChatCompletionStreamResponse", JsonNode.Parse(payload)) ?? []);
        }
    });

    [Fact]
    public void Requests_are_read_and_say_the_same_written_again() => ForEach(static r => r is { IsError: false, Request: { Body.Length: > 0, Method: "POST" } }, static recording =>
    {
        Assert.Null(_dialect.ReadRequest(recording.Request!.Body, default, out var request));
        var written = new ArrayBufferWriter<byte>();
        var drops = new DropList();
        Assert.Null(_dialect.WriteRequest(request, new RequestTarget { Model = request.Model, Provider = recording.Provider, StreamUsageOption = request.IncludeUsage }, written, drops));
        Assert.Null(_dialect.ReadRequest(written.WrittenMemory, default, out var again));
        var features = (DialectFeatures)long.MaxValue;
        if (drops.Names.Count == 0)
        {
            Assert.Equal(NeutralText.Of(Plain(request), features), NeutralText.Of(Plain(again), features));
        }
    });

    /// <summary>Without what is left out on purpose: sampling at its default, where a model refuses it, and reasoning that the provider does not want back.</summary>
    private static ChatRequest Plain(ChatRequest request)
    {
        request.Temperature = request.Temperature == 1 ? null : request.Temperature;
        request.Reasoning = null;
        request.Messages.ForEach(static m => m.Parts.RemoveAll(static p => p is ReasoningPart { Signature: null, Encrypted: null }));
        return request;
    }

    private void ForEach(Func<Recording, bool> which, Action<Recording> check)
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var failures = new List<string>();
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var recording in Corpus.All.Chats.Where(r => r.DialectId == DialectId.OpenAIChat && which(r)))
        {
            var provider = $"{recording.Source}/{recording.Provider}";
            counts[provider] = counts.GetValueOrDefault(provider) + 1;
            try
            {
                check(recording);
            }
            catch (Exception e)
            {
                failures.Add($"{recording.Id}: {e.Message}");
            }
        }

        output.WriteLine($"{counts.Values.Sum()} recordings: {string.Join(", ", counts.Select(static c => $"{c.Key} {c.Value}"))}");
        Assert.NotEmpty(counts);
        Assert.True(failures.Count == 0, $"{failures.Count} of {counts.Values.Sum()}:\n{string.Join("\n\n", failures.Take(12))}");
    }
}
