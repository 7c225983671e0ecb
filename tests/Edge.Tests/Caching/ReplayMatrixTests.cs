using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Every caller's dialect against every provider's: an answer is stored from a plain answer or a stream, and comes back as either.</summary>
public sealed class ReplayMatrixTests
{
    public static TheoryData<DialectId, string> Pairs => NativeCallTests.Pairs;

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stored_answer_comes_back_plain_and_streamed(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, "settings: { cache: exact }\n"));
        var caller = new Caller(dialect);
        var model = provider + "/sim?text=one%20two%20three&chunk=7";
        foreach (var storesStream in (bool[])[false, true])
        {
            var text = storesStream ? "asked as a stream" : "asked plainly";
            using var first = await caller.AskAsync(edge, model, storesStream, text);
            Assert.Equal("miss", CacheAsking.Header(first, "x-gateway-cache"));
            var original = storesStream ? await caller.StreamedAsync(first) : await caller.AnswerAsync(first);
            using var plain = await AskUntilHitAsync(edge, caller, model, stream: false, text);
            var again = await caller.AnswerAsync(plain);
            using var stream = await AskUntilHitAsync(edge, caller, model, stream: true, text);
            var streamed = await caller.StreamedAsync(stream);
            Assert.All((ChatAnswer[])[again, streamed], answer =>
            {
                Assert.Equal(Caller.Text(original).Trim(), Caller.Text(answer).Trim());
                Assert.Equal(FinishReason.Stop, answer.Choices[0].Finish);
                if (answer.Usage is { } usage)
                {
                    Assert.Equal((0, 0), (usage.Input, usage.CacheWrite));
                    Assert.True(usage.CacheRead > 0 && usage.Output > 0);
                }
            });
            Assert.Equal(plain.Headers.GetValues("x-gateway-cache-id"), stream.Headers.GetValues("x-gateway-cache-id"));
        }

        Assert.Equal(2, simulator.Received.Count);
        var records = await edge.RecordsAsync(6);
        Assert.Equal(4, records.Count(static r => r is { Cache: CacheUse.Exact, CostNanoUsd: 0, SavedNanoUsd: > 0, SavedTokens: > 0, Attempts: 0, Outcome: RequestOutcome.Completed }));
        Assert.All(records.Where(static r => r.Cache == CacheUse.Exact), static r => Assert.Equal(new TokenUsage(), r.Tokens));
        Assert.Equal(2, records.Count(static r => r is { Cache: CacheUse.None, CostNanoUsd: > 0, SavedNanoUsd: 0 }));
    }

    // An answer is stored when its last byte has left: the next request may be a moment before that.
    private static async Task<HttpResponseMessage> AskUntilHitAsync(EdgeHost edge, Caller caller, string model, bool stream, string text)
    {
        await Eventually.TrueAsync(() => CacheAsking.Cache(edge).Flights == 0, "the first call does not end");
        var response = await caller.AskAsync(edge, model, stream, text);
        Assert.Equal("hit-exact", CacheAsking.Header(response, "x-gateway-cache"));
        return response;
    }
}
