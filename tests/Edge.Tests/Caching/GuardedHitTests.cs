using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Edge.Caching.Memory;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Guardrails over what comes from the cache.</summary>
public sealed class GuardedHitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DialectId.OpenAIChat, "compatible", false)]
    [InlineData(DialectId.OpenAIChat, "anthropic", true)]
    [InlineData(DialectId.Anthropic, "anthropic", true)]
    [InlineData(DialectId.Gemini, "gemini", false)]
    [InlineData(DialectId.OpenAIResponses, "compatible", true)]
    public async Task What_is_stored_is_the_providers_answer_and_hits_are_guarded_like_it(DialectId dialect, string provider, bool firstIsStream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            settings: { cache: exact }
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: redact, scopes: [ output ], terms: [ Falcon ] } ] }
            """));
        var caller = new Caller(dialect);
        var model = provider + "/sim?text=the%20falcon%20flew";
        foreach (var (stream, result) in new[] { (firstIsStream, "miss"), (false, "hit-exact"), (true, "hit-exact") })
        {
            var before = CacheAsking.Finished(edge);
            using var response = await caller.AskAsync(edge, model, stream);
            Assert.Equal(result, CacheAsking.Header(response, "x-gateway-cache"));
            var text = Caller.Text(stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response));
            Assert.DoesNotContain("falcon", text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("flew", text, StringComparison.Ordinal);
            await Eventually.TrueAsync(() => CacheAsking.Finished(edge) > before, "the call does not end");
        }

        Assert.Single(simulator.Received);
        Assert.Contains("falcon", Encoding.UTF8.GetString(edge.Services.GetRequiredService<MemoryStore>().Answers.Single().Body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_was_blocked_is_not_stored(bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            settings: { cache: exact }
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: block, scopes: [ output ], terms: [ Falcon ] } ] }
            """);
        using var response = await edge.ChatAsync("sim?text=the%20falcon%20flew", stream ? "\"stream\":true" : "");
        _ = await response.Content.ReadAsStringAsync(Cancel);
        await Eventually.TrueAsync(() => CacheAsking.Finished(edge) == 1, "the call does not end");
        Assert.Equal(0, edge.Services.GetRequiredService<MemoryStore>().Count);
    }

    [Fact]
    public async Task Where_policy_says_so_nothing_with_personal_data_is_stored()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact, cachePolicy: { pii: skip } }");
        await CacheAsking.AskAsync(edge, """{"model":"sim","messages":[{"role":"user","content":"write to jane.doe@example.com"}]}""", "miss");
        Assert.Equal(0, edge.Services.GetRequiredService<MemoryStore>().Count);
    }
}
