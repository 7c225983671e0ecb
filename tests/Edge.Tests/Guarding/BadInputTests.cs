using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Edge.Configuration;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>Requests that are made to get around rules, or to break them.</summary>
public sealed class BadInputTests
{
    private const string Redact = """
        guardrails:
          p: { appliesTo: {}, timeoutMilliseconds: 60000, rules: [ { detector: pii, action: redact }, { detector: secrets, action: redact }, { detector: keywords, action: redact, terms: [ Falcon ] } ] }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lone_surrogates_survive_and_hide_nothing()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, Redact);
        using var response = await edge.PostAsync("/v1/chat/completions", """{"model":"sim?tokens=1","messages":[{"role":"user","content":"\ud83d a falcon \udd25 and \ud83d\udd25"}]}""");
        Assert.True(simulator.Received.Count > 0, await response.Content.ReadAsStringAsync(Cancel));
        Assert.Contains("\"\\ud83d a [TERM] \\udd25 and 🔥\"", simulator.Received[^1].BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a X b", "a \ufffd b", false)]
    [InlineData("fX a falcon X", "f\ufffd a [TERM] \ufffd", true)]
    public async Task Bytes_that_are_no_UTF8_hide_nothing_and_stay_where_nothing_is_changed(string text, string seen, bool isChanged)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, Redact);
        var body = Encoding.UTF8.GetBytes($$"""{"model":"sim?tokens=1","messages":[{"role":"user","content":"{{text}}"}]}""").Select(static b => b == 'X' ? (byte)0xff : b).ToArray();
        using var content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } };
        using var response = await edge.Client.PostAsync("/v1/chat/completions", content, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains($"\"{seen}\"", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        Assert.Equal(isChanged, response.Headers.Contains("x-gateway-guardrails"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("1")]
    [InlineData("eyJ")]
    [InlineData("@")]
    [InlineData("%41")]
    public async Task A_token_of_a_megabyte_passes_with_what_stands_beside_it_changed(string piece)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, Redact);
        var token = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        using var response = await edge.PostAsync("/v1/chat/completions", $$"""{"model":"sim?tokens=1","messages":[{"role":"user","content":"the falcon {{token}} falcon"}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain("falcon", simulator.Received[^1].BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_matches_are_all_changed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, Redact);
        var mail = string.Concat(Enumerable.Range(0, 10_000).Select(static i => $"a{i}@example.org, "));
        using var response = await edge.PostAsync("/v1/chat/completions", $$"""{"model":"sim?tokens=1","messages":[{"role":"user","content":"{{mail}}"}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain("@", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        Assert.Equal("p=redact", response.Headers.GetValues("x-gateway-guardrails").Single());
    }

    [Fact]
    public async Task Of_overlapping_rules_the_earlier_owns_what_both_found_and_nothing_of_it_stays()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: regex, action: mask, patterns: [ "plan [0-9]+" ] }, { detector: keywords, action: redact, terms: [ "secret plan" ] }, { detector: keywords, action: flag, terms: [ plan ] } ] }
            """);
        using var response = await edge.PostAsync("/v1/chat/completions", """{"model":"sim?tokens=1","messages":[{"role":"user","content":"the secret plan 1234567890 of ours"}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("the [TERM]***********7890 of ours", JsonNode.Parse(simulator.Received[^1].BodyText)!["messages"]![0]!["content"]!.GetValue<string>());
        Assert.Equal("p=mask, p=redact, p=flag", response.Headers.GetValues("x-gateway-guardrails").Single());
    }

    [Theory]
    [InlineData("closed", 503)]
    [InlineData("open", 200)]
    public async Task A_policy_that_runs_out_of_time_is_what_it_says_and_is_seen_in_header_and_metric(string fail, int status)
    {
        var counted = new ConcurrentBag<string>();
        using var listener = new MeterListener { InstrumentPublished = static (i, l) => Enable(i, l) };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted.Add(string.Join(' ', tags.ToArray().Select(static t => $"{t.Key}={t.Value}"))));
        listener.Start();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, $$"""
            guardrails:
              slow-{{fail}}: { fail: {{fail}}, timeoutMilliseconds: 1, appliesTo: {}, rules: [ { detector: pii, action: redact }, { detector: secrets, action: redact }, { detector: injection, action: block } ] }
            """);
        var text = string.Concat(Enumerable.Repeat("Jane Roe of 12 Elm Street wrote to a@b.example. ", 40_000));
        using var response = await edge.PostAsync("/v1/chat/completions", $$"""{"model":"sim?tokens=1","messages":[{"role":"user","content":"{{text}}"}]}""");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains($"slow-{fail}=failed", response.Headers.GetValues("x-gateway-guardrails").Single(), StringComparison.Ordinal);
        await edge.RecordsAsync(1);
        Assert.Contains(counted, c => c.Contains($"policy=slow-{fail}", StringComparison.Ordinal) && c.Contains("result=failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_detector_that_nobody_knows_is_an_error_of_the_configuration_that_names_those_there_are()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("edge-guards-").FullName, "gateway.yaml");
        await File.WriteAllTextAsync(file, EdgeHost.Configuration("http://127.0.0.1:9/v1", """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: telepathy, action: block } ] }
            """), Cancel);
        var error = Assert.Single(GatewayFile.Load(file).Errors).ToString();
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.Contains("telepathy", error, StringComparison.Ordinal);
        Assert.Contains("keywords", error, StringComparison.Ordinal);
    }

    private static void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Name == "gateway.guardrails.rules")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }
}
