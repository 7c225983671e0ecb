using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Edge.RequestLog.Bodies;
using Gateway.Edge.Tests.Inbound;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Tests.RequestLog;

/// <summary>No personal data and no secret of a corpus is found in what the request log writes, with the detectors that the edge really uses.</summary>
public sealed class RedactionCorpusTests : IDisposable
{
    /// <summary>Sentences around each value, which is one that its issuer documents as an example or that nobody has.</summary>
    private static readonly (string Sentence, string Value)[] _corpus =
    [
        ("Please write to {0} about it.", "maria.gonzalez@example.com"),
        ("My credit card number is {0}.", "4111 1111 1111 1111"),
        ("Charge the card {0} today.", "5555555555554444"),
        ("Transfer it to my IBAN {0}, please.", "DE89370400440532013000"),
        ("My social security number is {0}.", "536-90-4399"),
        ("You can call me by phone at {0}.", "+1 212-555-0147"),
        ("The server's IP address is {0}.", "203.0.113.77"),
        ("Our AWS access key id is {0}.", "AKIAIOSFODNN7EXAMPLQ"),
        ("export GITHUB_TOKEN={0}", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        ("Use the key {0} for it.", "sk-proj-Zx8Qw3Er5Ty7Ui9Op1As2Df4Gh6Jk8Lz0Xc2Vb4Nm6QaT3BlbkFJWs3Ed5Rf7Tg9Yh1Uj3Ik5Ol7Pz9Xc1Vb3Nm5Qw7E"),
        ("slack: {0}", "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"),
        ("Authorization: Bearer {0}", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("request-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_value_is_redacted_in_every_place_of_a_body()
    {
        SkipWithoutDetectors();
        foreach (var (sentence, value) in _corpus)
        {
            var text = string.Format(null, sentence, value);
            var body = new JsonObject
            {
                ["messages"] = new JsonArray(
                    new JsonObject { ["role"] = "user", ["content"] = text },
                    new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = $"Hello. {text} Thanks." }) },
                    new JsonObject { ["role"] = "assistant", ["tool_calls"] = new JsonArray(new JsonObject { ["function"] = new JsonObject { ["arguments"] = new JsonObject { ["note"] = text }.ToJsonString() } }) },
                    new JsonObject { ["role"] = "tool", ["content"] = $"line one\n{text}\nline three" }),
            };

            // The default encoder escapes what it can: `+` and quotes are not as they look.
            foreach (var json in (string[])[body.ToJsonString(), body.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })])
            {
                var kept = new JsonRedaction(new EngineRedactor(), 65_536).Copy(Encoding.UTF8.GetBytes(json), isWhole: true);
                Assert.DoesNotContain(value, kept, StringComparison.OrdinalIgnoreCase);
                Assert.Contains("line three", kept, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Nothing_of_the_corpus_is_in_the_log_of_plain_and_streamed_requests()
    {
        SkipWithoutDetectors();
        var all = string.Join(" ", _corpus.Select(static c => string.Format(null, c.Sentence, c.Value)));
        var events = new StringBuilder();
        var random = new Random(11);
        for (var at = 0; at < all.Length;)
        {
            var length = Math.Min(all.Length - at, random.Next(1, 9));
            events.Append($$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"sim","choices":[{"index":0,"delta":{"content":{{JsonSerializer.Serialize(all.Substring(at, length))}}},"finish_reason":null}]}""").Append("\n\n");
            at += length;
        }

        events.Append("""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"sim","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":9,"total_tokens":10}}""").Append("\n\ndata: [DONE]\n\n");
        var log = Path.Combine(_folder, "requests.jsonl");
        await using var provider = new FixedProvider("text/event-stream", events.ToString());
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl, $"requestLog: {{ file: \"{log}\" }}\nsettings: {{ requestLog: bodies }}"));
        foreach (var stream in (bool[])[true, false])
        {
            using var answer = await edge.PostAsync("/v1/chat/completions", new JsonObject
            {
                ["model"] = "sim", ["stream"] = stream, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = all }),
            }.ToJsonString());
            await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(() => File.Exists(log) && Read(log).Count(static c => c == '\n') == 2, "two lines are written");
        var kept = Read(log);
        Assert.All(_corpus, c => Assert.DoesNotContain(c.Value, kept, StringComparison.OrdinalIgnoreCase));
        Assert.All(kept.Split('\n', StringSplitOptions.RemoveEmptyEntries), static l => Assert.True((int)JsonNode.Parse(l)!["request"]!["redacted"]! >= 10));
    }

    private static void SkipWithoutDetectors() =>
        Assert.SkipWhen(DetectorCatalogue.Find("pii") is null || DetectorCatalogue.Find("secrets") is null, "The detectors of personal data and secrets are not there.");

    private static string Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
