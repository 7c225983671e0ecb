using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>Rules that are asked about whole answers, over transcriptions: in every form, plain and streamed.</summary>
public sealed class HeldOperationTests
{
    private const string Stream = "data: {\"type\":\"transcript.text.delta\",\"delta\":\"These are\"}\n\ndata: {\"type\":\"transcript.text.delta\",\"delta\":\" the spoken words.\"}\n\n"
        + "data: {\"type\":\"transcript.text.done\",\"text\":\"These are the spoken words.\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"output_tokens\":5,\"total_tokens\":19}}\n\n";

    private const string Verbose = """{"task":"transcribe","language":"english","duration":4.0,"text":"These are the spoken words.","segments":[{"id":0,"start":0.0,"end":4.0,"text":"These are the spoken words.","tokens":[1,2]}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Forms => new()
    {
        { "json", "application/json", """{"text":"These are the spoken words."}""" },
        { "verbose_json", "application/json", Verbose },
        { "text", "text/plain", "These are the spoken words.\n" },
        { "vtt", "text/vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:04.000\nThese are the spoken words.\n" },
        { "stream", "text/event-stream", Stream },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task What_a_service_forbids_is_not_heard(string form, string type, string answer)
    {
        await using var service = await AnsweringService.StartAsync("""{"flagged":true,"breakdown":[{"detector_type":"x","detected":true}]}""");
        await using var provider = await BytesProvider.StartAsync(type, Encoding.UTF8.GetBytes(answer));
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, service, "lakera", "block", "message: Not this."));
        using var response = await HearAsync(edge, form);
        if (form == "stream")
        {
            // Events of transcriptions have no end of their own for what a filter ended: an error is told, and the connection broken off.
            var told = await ReadAsync(response);
            Assert.DoesNotContain("spoken", told, StringComparison.Ordinal);
            Assert.Contains("Not this.", told, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("Not this.", (string?)(await EdgeHost.ErrorAsync(response, 400, "content_blocked"))["message"]);
            Assert.StartsWith("p=block", response.Headers.GetValues("x-gateway-guardrails").Single(), StringComparison.Ordinal);
        }

        Assert.Equal(RequestOutcome.ContentBlocked, Assert.Single(await edge.RecordsAsync(1)).Outcome);
        Assert.Contains("These are the spoken words.", Assert.Single(service.Calls).Body, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task What_a_service_names_is_changed_wherever_it_is_told(string form, string type, string answer)
    {
        // The first five characters of every text; of subtitles they are those of the file.
        await using var service = await AnsweringService.StartAsync("""[{"entity_type":"PERSON","start":0,"end":5,"score":0.85}]""");
        await using var provider = await BytesProvider.StartAsync(type, Encoding.UTF8.GetBytes(answer));
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, service, "presidio", "redact", "minScore: 0.1"));
        using var response = await HearAsync(edge, form);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        switch (form)
        {
            case "json" or "verbose_json":
                Assert.Equal("[PERSON] are the spoken words.", (string?)JsonNode.Parse(text)!["text"]);
                Assert.Equal(form == "json" ? null : "[PERSON] are the spoken words.", (string?)JsonNode.Parse(text)!["segments"]?[0]!["text"]);
                break;
            case "stream":
                var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static e => JsonNode.Parse(e["data: ".Length..])!).ToList();
                Assert.Equal("[PERSON] are the spoken words.", string.Concat(events.Select(static e => (string?)e["delta"])));
                Assert.Equal("[PERSON] are the spoken words.", (string?)events[^1]["text"]);
                Assert.Equal(14, (int)events[^1]["usage"]!["input_tokens"]!);
                break;
            default:
                Assert.StartsWith("[PERSON]", text, StringComparison.Ordinal);
                break;
        }

        Assert.DoesNotContain("These", text.Replace("\nThese", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("json", "closed")]
    [InlineData("stream", "closed")]
    [InlineData("json", "open")]
    [InlineData("stream", "open")]
    public async Task Without_a_verdict_the_policy_says(string form, string fail)
    {
        await using var service = await AnsweringService.StartAsync("500");
        await using var provider = await BytesProvider.StartAsync(form == "json" ? "application/json" : "text/event-stream", Encoding.UTF8.GetBytes(form == "json" ? """{"text":"These are the spoken words."}""" : Stream));
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, service, "presidio", "redact", "minScore: 0.1").Replace("p: {", $"p: {{ fail: {fail},", StringComparison.Ordinal));
        using var response = await HearAsync(edge, form);
        if (fail == "closed" && form == "stream")
        {
            var told = await ReadAsync(response);
            Assert.DoesNotContain("spoken", told, StringComparison.Ordinal);
            Assert.Contains("guardrail_unavailable", told, StringComparison.Ordinal);
        }
        else if (fail == "closed")
        {
            await EdgeHost.ErrorAsync(response, 503, "guardrail_unavailable");
        }
        else
        {
            Assert.Contains("spoken words.", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    /// <summary>What came of an answer before it broke off; it must break off.</summary>
    internal static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var stream = await response.Content.ReadAsStreamAsync(Cancel);
        var came = new MemoryStream();
        await Assert.ThrowsAnyAsync<IOException>(() => stream.CopyToAsync(came, Cancel));
        return Encoding.UTF8.GetString(came.ToArray());
    }

    private static async Task<HttpResponseMessage> HearAsync(EdgeHost edge, string form)
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent([0xFF, 0xFB, 0x90, 0x00]), "file", "a.mp3" }, { new StringContent("sim"), "model" } };
        if (form == "stream")
        {
            content.Add(new StringContent("true"), "stream");
        }
        else
        {
            content.Add(new StringContent(form), "response_format");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audio/transcriptions") { Content = content };
        return await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private static string Configuration(BytesProvider provider, AnsweringService service, string detector, string action, string more) => EdgeHost.Configuration(provider.BaseUrl, $$"""
        guardrails:
          p: { appliesTo: {}, timeoutMilliseconds: 30000, rules: [ { detector: {{detector}}, action: {{action}}, scopes: [ output ], {{more}}, endpoint: { url: "{{service.Address}}" } } ] }
        """);
}
