using System.Buffers;
using System.Text;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Tests.Anthropic;

namespace Gateway.Dialects.Tests.Bedrock;

/// <summary>Every recording of Converse is read to what it says, and written again says the same; so is every one of Claude's own dialect in Bedrock's framing.</summary>
public sealed class BedrockRecordingTests(ITestOutputHelper output)
{
    private static readonly AnswerContext _context = new() { Id = "x", Model = "m", Created = DateTimeOffset.UnixEpoch };

    [Fact]
    public void Plain_answers_are_read_and_written_again()
    {
        var count = 0;
        foreach (var recording in BedrockRecordings.All().Where(static r => r.Plain is not null))
        {
            var expected = BedrockSummary.OfAnswer(recording.Plain!).ToString();
            Assert.True(BedrockConverseDialect.Instance.TryReadAnswer(recording.Plain!, out var answer), recording.Name);
            Assert.Equal(expected, BedrockSummary.Of(answer).ToString());
            var written = new ArrayBufferWriter<byte>();
            BedrockConverseDialect.Instance.WriteAnswer(answer, _context, written);
            Assert.Equal(expected, BedrockSummary.OfAnswer(written.WrittenSpan.ToArray()).ToString());
            Assert.Equal(AnswerUsage.Found, BedrockUsage.ReadAnswer(recording.Plain!, out var counts));
            Assert.Equal(answer.Usage, counts);
            count++;
        }

        output.WriteLine($"{count} plain answers");
        Assert.True(count >= 11, $"{count}");
    }

    [Fact]
    public void Streams_are_read_and_written_again_however_they_are_cut()
    {
        var random = new Random(5);
        var count = 0;
        foreach (var recording in BedrockRecordings.All().Where(static r => r.Plain is null))
        {
            var sizes = Enumerable.Range(0, 40).Select(_ => random.Next(1, 90)).ToArray();
            var reader = BedrockConverseDialect.Instance.CreateStreamReader();
            var scan = default(ConverseStreamScan);
            var events = new List<ChatEvent>();
            foreach (var (name, payload) in BedrockRecordings.Cut(recording.Framed(), sizes))
            {
                Assert.True(reader.Read(Encoding.UTF8.GetBytes(name), payload, events), recording.Name);
                Assert.NotEqual(ConverseEventKind.Malformed, scan.Read(Encoding.UTF8.GetBytes(name), payload));
            }

            Assert.True(reader.Complete(events), recording.Name);
            Assert.True(scan.IsWhole);
            var expected = BedrockSummary.OfEvents(recording.Events).ToString();
            var assembler = new AnswerAssembler(DialectId.BedrockConverse);
            var writer = BedrockConverseDialect.Instance.CreateStreamWriter(_context);
            var written = new ArrayBufferWriter<byte>();
            foreach (var e in events)
            {
                assembler.Add(e);
                writer.Write(e, written);
            }

            var answer = assembler.Build();
            Assert.True(assembler.IsComplete);
            Assert.Equal(expected, BedrockSummary.Of(answer).ToString());
            Assert.Equal(answer.Usage ?? default, scan.Tokens);
            var again = BedrockRecordings.Cut(written.WrittenSpan.ToArray(), sizes);
            Assert.Equal(expected, BedrockSummary.OfEvents(again.Select(static e => (e.Name, Encoding.UTF8.GetString(e.Payload)))).ToString());
            Assert.Equal(["messageStop", "metadata"], again.TakeLast(2).Select(static e => e.Name));
            count++;
        }

        output.WriteLine($"{count} streams");
        Assert.True(count >= 11, $"{count}");
    }

    [Fact]
    public void Streams_without_framing_are_read_too()
    {
        foreach (var recording in BedrockRecordings.All().Where(static r => r.Plain is null))
        {
            var reader = BedrockConverseDialect.Instance.CreateStreamReader();
            var assembler = new AnswerAssembler(DialectId.BedrockConverse);
            var events = new List<ChatEvent>();
            Assert.All(recording.Events, e => Assert.True(reader.Read(default, Encoding.UTF8.GetBytes($$"""{"{{e.Name}}":{{e.Payload}}}"""), events)));
            Assert.True(reader.Complete(events));
            events.ForEach(e => assembler.Add(e));
            Assert.Equal(BedrockSummary.OfEvents(recording.Events).ToString(), BedrockSummary.Of(assembler.Build()).ToString());
        }
    }

    [Fact]
    public void Streams_of_Claudes_own_dialect_come_in_the_same_framing()
    {
        var random = new Random(9);
        var count = 0;
        foreach (var recording in AnthropicRecordings.Binary())
        {
            var sizes = Enumerable.Range(0, 40).Select(_ => random.Next(1, 300)).ToArray();
            var sse = new StringBuilder();
            var reader = AnthropicDialect.Instance.CreateStreamReader();
            var events = new List<ChatEvent>();
            foreach (var (name, payload) in BedrockRecordings.Cut(recording.Body, sizes))
            {
                Assert.Equal("chunk", name);
                Assert.True(InvokeModelChunk.TryRead(payload, out var inner));
                Assert.True(reader.Read(default, inner, events));
                sse.Append("data: ").Append(Encoding.UTF8.GetString(inner)).Append("\n\n");
            }

            Assert.True(reader.Complete(events), recording.Name);
            AnthropicRecordingTests.AssertStream(recording.Name, AnthropicSummary.OfStream(Encoding.UTF8.GetBytes(sse.ToString())), events, plain: true);
            count++;
        }

        output.WriteLine($"{count} streams");
        Assert.Equal(10, count);
    }
}
