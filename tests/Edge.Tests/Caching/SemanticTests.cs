using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Edge.Tests.Caching;

/// <summary>The edge beside a cache service, which here takes two questions for the same when their words are, in any order.</summary>
public sealed class SemanticTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_in_other_words_is_answered_and_nothing_else_may_differ()
    {
        await using var service = await FakeService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, service);
        await AskAsync(edge, service, "where is the town hall", "miss");
        Assert.Single(service.Entries);
        using (var hit = await CacheAsking.SendAsync(edge, Body("the town hall is where"), EdgeHost.Key))
        {
            Assert.Equal("hit-semantic", CacheAsking.Header(hit, "x-gateway-cache"));
            Assert.Equal("0.9700", CacheAsking.Header(hit, "x-gateway-cache-similarity"));
            Assert.Equal(service.Entries.Values.Single().Id, CacheAsking.Header(hit, "x-gateway-cache-id"));
            Assert.Contains("chat.completion", await hit.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        using (var streamed = await CacheAsking.SendAsync(edge, Body("hall town the is where", ",\"stream\":true"), EdgeHost.Key))
        {
            Assert.Equal("hit-semantic", CacheAsking.Header(streamed, "x-gateway-cache"));
            Assert.EndsWith("data: [DONE]\n\n", await streamed.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        await AskAsync(edge, service, "where is the town hall", "hit-exact");
        await AskAsync(edge, service, "town hall the is where", "miss", ",\"temperature\":0.1");
        await CacheAsking.AskAsync(edge, """{"model":"sim","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"town hall the is where"}]}""", "miss");
        await CacheAsking.AskAsync(edge, """{"model":"sim","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hi"},{"role":"user","content":"town hall the is where"}]}""", "miss");
        await CacheAsking.AskAsync(edge, """{"model":"sim","messages":[{"role":"user","content":[{"type":"text","text":"town hall the is where"},{"type":"image_url","image_url":{"url":"https://x/a.png"}}]}]}""", "miss");
        await AskAsync(edge, service, "town hall the is where now", "bypass", "", ("x-gateway-cache-mode", "off"));
        var records = (await edge.RecordsAsync(9)).Where(static r => r.Cache == CacheUse.Semantic).ToList();
        Assert.Equal(2, records.Count);
        Assert.All(records, static r => Assert.True(r is { CostNanoUsd: 0, SavedNanoUsd: > 0 }));
    }

    [Fact]
    public async Task A_service_that_is_slow_or_down_holds_nobody_up()
    {
        await using var service = await FakeService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, service);
        service.IsStuck = true;
        for (var i = 0; i < 6; i++)
        {
            await CacheAsking.AskAsync(edge, Body($"slow {i}"), "miss");
        }

        var asked = service.Lookups;
        Assert.InRange(asked, 1, 5);
        service.IsStuck = false;
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await CacheAsking.SendAsync(edge, Body($"well {Random.Shared.Next()}"), EdgeHost.Key);
                return service.Lookups > asked;
            },
            "the service is not asked any more");
    }

    [Fact]
    public async Task A_hit_that_is_to_be_checked_also_goes_to_the_provider_and_becomes_evidence()
    {
        await using var service = await FakeService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, service);
        await AskAsync(edge, service, "one two", "miss");
        service.WantsEvidence = true;
        await CacheAsking.AskAsync(edge, Body("two one"), "hit-semantic");
        await Eventually.TrueAsync(() => service.Observed.Count == 1, "no evidence came");
        Assert.False(string.IsNullOrEmpty(service.Observed.Single().AnswerText));
        Assert.Equal(2, simulator.Received.Count);
        Assert.Equal(2, (await edge.RecordsAsync(3)).Count(static r => r is { Cache: CacheUse.None, CostNanoUsd: > 0 }));
    }

    [Fact]
    public async Task An_uncertain_match_goes_to_the_provider_and_its_answer_becomes_evidence()
    {
        await using var service = await FakeService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, service);
        await AskAsync(edge, service, "one two", "miss");
        (service.WantsEvidence, service.IsUncertain) = (true, true);
        await CacheAsking.AskAsync(edge, Body("two one"), "miss");
        await Eventually.TrueAsync(() => service.Observed.Count == 1, "no evidence came");
        Assert.Equal(2, simulator.Received.Count);
    }

    [Fact]
    public async Task Where_comparing_answers_does_not_tell_a_judge_is_asked_under_the_callers_key()
    {
        await using var service = await FakeService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, service, ", judgeRoute: \"sim?text=Yes.\"");
        await AskAsync(edge, service, "one two", "miss");
        (service.WantsEvidence, service.IsUncertain, service.CannotTell) = (true, true, true);
        await CacheAsking.AskAsync(edge, Body("two one"), "miss");
        await Eventually.TrueAsync(() => service.Observed.Count == 2, "no verdict came");
        var (asked, told) = (service.Observed.First(), service.Observed.Last());
        Assert.Equal((true, (bool?)null), (asked.CanJudge, asked.Equivalent));
        Assert.Equal((asked.LookupId, (bool?)true), (told.LookupId, told.Equivalent));
        Assert.Contains("an answer of before", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        Assert.Equal(3, (await edge.RecordsAsync(3)).Count(static r => r is { KeyId: "main", CostNanoUsd: > 0 }));
    }

    [Fact]
    public async Task A_purge_reaches_the_service()
    {
        await using var service = await FakeService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, service);
        await AskAsync(edge, service, "one two", "miss");
        SharedCacheTests.Purge(edge, new CachePurgeEntry { Id = "p", Scope = "key:main", Model = "sim" });
        await Eventually.TrueAsync(() => service.Deleted.Contains("?scope=key%3Amain&model=sim"), "the service is not told");
        // The fake deletes nothing: what it still has is of an earlier configuration.
        await CacheAsking.AskAsync(edge, Body("two one"), "miss");
    }

    private static string Body(string text, string more = "") => $$"""{"model":"sim","messages":[{"role":"user","content":"{{text}}"}]{{more}}}""";

    private static async Task AskAsync(EdgeHost edge, FakeService service, string text, string result, string more = "", params (string, string)[] headers)
    {
        var stored = service.Stored;
        await CacheAsking.AskAsync(edge, Body(text, more), result, headers);
        await Eventually.TrueAsync(() => result != "miss" || service.Stored > stored, "nothing is stored");
    }

    private static Task<EdgeHost> StartAsync(SimulatorHost simulator, FakeService service, string more = "") => EdgeHost.StartAsync(
        EdgeHost.Configuration(simulator.BaseUrl, $"settings: {{ cache: semantic, cachePolicy: {{ lookupMs: 1000{more} }} }}"),
        settings: new Dictionary<string, string?> { ["services:semanticcache:http:0"] = service.Address });

    private sealed class FakeService : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _lookups;
        private int _stored;

        private FakeService(WebApplication app) => _app = app;

        public string Address => _app.Urls.Single();

        public ConcurrentDictionary<string, (string Id, CacheAnswer Answer)> Entries { get; } = new();

        public ConcurrentQueue<CacheObserveRequest> Observed { get; } = new();

        public ConcurrentQueue<string> Deleted { get; } = new();

        public int Lookups => Volatile.Read(ref _lookups);

        public int Stored => Volatile.Read(ref _stored);

        public bool IsStuck { get; set; }

        public bool WantsEvidence { get; set; }

        public bool IsUncertain { get; set; }

        public bool CannotTell { get; set; }

        public static async Task<FakeService> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var service = new FakeService(app);
            app.Run(service.HandleAsync);
            await app.StartAsync(Cancel);
            return service;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private static string KeyOf(string partition, string text) => partition + string.Join(' ', text.Split(' ').Order(StringComparer.Ordinal));

        private async Task HandleAsync(HttpContext http)
        {
            switch (http.Request.Path.Value)
            {
                case "/v1/lookup":
                    Interlocked.Increment(ref _lookups);
                    if (IsStuck)
                    {
                        await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        return;
                    }

                    var asked = (await JsonSerializer.DeserializeAsync(http.Request.Body, ContractsJson.Default.CacheLookupRequest))!;
                    var found = Entries.TryGetValue(KeyOf(asked.Partition, asked.Text), out var entry);
                    await http.Response.WriteAsJsonAsync(
                        new CacheLookupResponse
                        {
                            Outcome = !found ? CacheOutcome.Miss : IsUncertain ? CacheOutcome.Uncertain : CacheOutcome.Hit,
                            LookupId = "l" + Lookups, EntryId = found ? entry.Id : null, Similarity = found ? 0.97 : null, AgeSeconds = found ? 1 : null,
                            Answer = found && !IsUncertain ? entry.Answer : null, Verify = found && WantsEvidence,
                        },
                        ContractsJson.Default.CacheLookupResponse);
                    break;
                case "/v1/store":
                    var stored = (await JsonSerializer.DeserializeAsync(http.Request.Body, ContractsJson.Default.CacheStoreRequest))!;
                    Entries[KeyOf(stored.Partition, stored.Text)] = ("e" + Stored, stored.Answer);
                    Interlocked.Increment(ref _stored);
                    await http.Response.WriteAsJsonAsync(new CacheStoreResponse { Stored = true }, ContractsJson.Default.CacheStoreResponse);
                    break;
                case "/v1/observe":
                    var observed = (await JsonSerializer.DeserializeAsync(http.Request.Body, ContractsJson.Default.CacheObserveRequest))!;
                    Observed.Enqueue(observed);
                    await http.Response.WriteAsJsonAsync(
                        CannotTell && observed.Equivalent is null
                            ? new CacheObserveResponse { Recorded = false, Basis = "undecided", StoredQuestion = "one two", StoredAnswer = "an answer of before" }
                            : new CacheObserveResponse { Recorded = true, Basis = "equal" },
                        ContractsJson.Default.CacheObserveResponse);
                    break;
                default:
                    Deleted.Enqueue(http.Request.QueryString.Value ?? "");
                    await http.Response.WriteAsJsonAsync(new CacheDeleteResponse { Deleted = 1 }, ContractsJson.Default.CacheDeleteResponse);
                    break;
            }
        }
    }
}
