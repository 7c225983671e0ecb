using System.Text;
using System.Text.Json;
using Gateway.Recordings;
using Gateway.Recordings.Framing;

namespace Gateway.LlmSimulator.Tests.Recorded;

public sealed class CorpusTests
{
    [Fact]
    public void Every_file_is_loaded_or_excluded_with_a_reason()
    {
        SkipWithoutRecordings();
        Assert.All(Corpus.All.Files, f => Assert.True(f.Recordings > 0 != f.ExcludedBecause is not null, f.ToString()));
        Assert.Equal(Corpus.All.Recordings.Count, Corpus.All.Files.Sum(f => f.Recordings));
        Assert.DoesNotContain(Corpus.All.Files, f => f.ExcludedBecause == "a folder this library does not know");
    }

    [Fact]
    public void Each_corpus_is_there_in_its_known_size()
    {
        SkipWithoutRecordings();
        var counts = Corpus.All.Recordings.GroupBy(r => r.Source).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(534, counts["fantasy"]);
        Assert.Equal(43, counts["envoy-ai-gateway"]);
        Assert.Equal(640, counts["openai-dotnet"]);
        Assert.Equal((330, 349), (counts["vercel-ai"], counts["prism-php"]));
    }

    [Fact]
    public void Streams_are_framed_so_that_every_event_stands_alone_and_is_json()
    {
        SkipWithoutRecordings();
        foreach (var recording in Corpus.All.Recordings.Where(r => r.ExcludedBecause is null && r.ResponseContentType.StartsWith("text/event-stream", StringComparison.Ordinal)))
        {
            var text = recording.BodyText.ReplaceLineEndings("\n");
            Assert.True(text.EndsWith("\n\n", StringComparison.Ordinal), recording.Id);
            foreach (var block in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            {
                var data = block.Split('\n').Where(l => l.StartsWith("data:", StringComparison.Ordinal)).ToList();
                Assert.True(data.Count <= 1, recording.Id + "\n" + block);
                if (data.Count == 1 && data[0][5..].Trim() is not "[DONE]")
                {
                    using var json = JsonDocument.Parse(data[0][5..]);
                }
            }
        }
    }

    [Fact]
    public void Plain_chat_answers_are_json()
    {
        SkipWithoutRecordings();
        foreach (var recording in Corpus.All.Recordings.Where(r => r.IsUsableChat && !r.IsStream))
        {
            using var json = JsonDocument.Parse(recording.ResponseBody);
            Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        }
    }

    [Fact]
    public void Binary_streams_have_right_checksums_and_carry_events()
    {
        SkipWithoutRecordings();
        var converse = Corpus.All.Recordings.Where(r => r.Operation == Operation.Converse && r.IsStream).ToList();
        Assert.NotEmpty(converse);
        Assert.All(converse, r => Assert.Contains(EventStreamFraming.Read(r.ResponseBody), m => m.Headers[":event-type"] == "messageStop"));
        var invoked = Corpus.All.Recordings.Where(r => r.OriginalBody is not null).ToList();
        Assert.NotEmpty(invoked);
        Assert.All(invoked, r => Assert.Contains("event: message_start", r.BodyText, StringComparison.Ordinal));
    }

    [Fact]
    public void Event_stream_messages_read_back_and_damage_is_seen()
    {
        var message = EventStreamFraming.Event("contentBlockDelta", Encoding.UTF8.GetBytes("{\"é\":1}"));
        var read = Assert.Single(EventStreamFraming.Read(message));
        Assert.Equal(("contentBlockDelta", "{\"é\":1}"), (read.Headers[":event-type"], Encoding.UTF8.GetString(read.Payload.Span)));
        Assert.Equal(0xCBF43926u, EventStreamFraming.Crc32("123456789"u8));
        for (var i = 0; i < message.Length; i++)
        {
            var damaged = (byte[])message.Clone();
            damaged[i] ^= 1;
            _ = Assert.ThrowsAny<Exception>(() => EventStreamFraming.Read(damaged));
        }
    }

    private static void SkipWithoutRecordings() => Assert.SkipUnless(Corpus.IsPresent, "the recordings are not beside the project (../shared/data/recorded)");
}
