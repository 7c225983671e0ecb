using System.Net;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Tests;

namespace Gateway.SemanticCache.Tests;

/// <summary>The service as it ships, over its socket, with the built-in model and the embedded store.</summary>
public sealed class CacheServiceTests : IAsyncLifetime
{
    private const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    private const string Question = "How do I reset my password?";
    private const string Paraphrase = "How can I reset the password of my account?";

    private readonly string folder = Directory.CreateTempSubdirectory("semcache").FullName;
    private ServiceProcess service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => service = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_answer_is_found_by_the_same_text_and_by_meaning_in_its_partition_only()
    {
        Assert.Equal((CacheOutcome.Miss, CacheReasons.EmptyPartition), Of(await LookupAsync(A, Question)));
        var stored = await StoreAsync(A, Question, "Open the settings.");
        Assert.True(stored.Stored);

        var same = await LookupAsync(A, "  how do i reset my PASSWORD");
        Assert.Equal((CacheOutcome.Hit, CacheReasons.SameText), Of(same));
        Assert.Equal(stored.EntryId, same.EntryId);
        Assert.Equal("{\"text\":\"Open the settings.\"}", Encoding.UTF8.GetString(same.Answer!.Body));
        Assert.Equal(("chat", 7, 3, 1000), (same.Answer.Dialect, same.Answer.PromptTokens, same.Answer.CompletionTokens, same.Answer.CostNano));

        var near = await LookupAsync(A, Paraphrase, new CacheMatchPolicy { Mode = CacheMatchMode.Threshold, Threshold = 0.8 });
        Assert.Equal(CacheOutcome.Hit, near.Outcome);
        Assert.InRange(near.Similarity!.Value, 0.8, 0.9999);
        Assert.Equal(CacheOutcome.Hit, (await LookupAsync(A, Paraphrase, new CacheMatchPolicy { Mode = CacheMatchMode.Verified, Threshold = 0.6 })).Outcome);
        Assert.Equal(CacheOutcome.Miss, (await LookupAsync(A, "How do I bake bread?", new CacheMatchPolicy { Mode = CacheMatchMode.Threshold, Threshold = 0.8 })).Outcome);
        Assert.Equal((CacheOutcome.Miss, CacheReasons.EmptyPartition), Of(await LookupAsync(B, Question)));

        var stats = await GetAsync("/v1/stats", ContractsJson.Default.CacheStats);
        Assert.Equal((1L, 3L, 1L, 3000L, "embedded", "all-MiniLM-L6-v2"), (stats.Entries, stats.Hits, stats.Stored, stats.SavedNano, stats.Store, stats.Embedding));
        Assert.Contains("gateway_cache_lookups_total{outcome=\"hit\"} 3\n", await service.Client.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hits_by_meaning_are_learnt_from_outcomes_and_survive_a_kill()
    {
        await StoreAsync(A, Question, "Open the settings.");
        var first = await LookupAsync(A, Paraphrase);
        Assert.Equal((CacheOutcome.Uncertain, CacheReasons.NeedsEvidence), Of(first));
        Assert.True(first.Verify);
        Assert.Null(first.Answer);

        for (var i = 0; i < 60; i++)
        {
            var lookup = await LookupAsync(A, $"{Paraphrase} Case {(char)('a' + (i % 26))}{(char)('a' + (i / 26))}");
            if (lookup is { Verify: true, Outcome: CacheOutcome.Uncertain })
            {
                var observed = await PostAsync(
                    "/v1/observe", new CacheObserveRequest { LookupId = lookup.LookupId!, AnswerText = "open the settings" },
                    ContractsJson.Default.CacheObserveRequest, ContractsJson.Default.CacheObserveResponse);
                Assert.True(observed is { Recorded: true, Equivalent: true, Basis: "equal" });
            }
        }

        var wide = new CacheMatchPolicy { MaxWrongHitRate = 0.05, ShadowRate = 1 };
        var hit = await LookupAsync(A, Paraphrase, wide);
        Assert.Equal(CacheOutcome.Hit, hit.Outcome);
        Assert.True(hit.Verify);

        // Written within a second, which is what a killed process may lose.
        await Eventually.TrueAsync(() => Task.FromResult(Directory.GetFiles(folder, "learned.log", SearchOption.AllDirectories).Any(static f => new FileInfo(f).Length > 59 * 30)));
        await service.DisposeAsync();
        service = await StartAsync();
        Assert.Equal(CacheOutcome.Hit, (await LookupAsync(A, Paraphrase, wide)).Outcome);

        var shadow = await LookupAsync(A, Paraphrase, wide with { Mode = CacheMatchMode.Shadow });
        Assert.Equal((CacheOutcome.Miss, true, true), (shadow.Outcome, shadow.WouldHit, shadow.Verify));
    }

    [Fact]
    public async Task An_outcome_counts_once_and_doubt_goes_back_to_who_can_judge()
    {
        await StoreAsync(A, Question, "Open the settings, then choose security and press reset.");
        var lookup = await LookupAsync(A, Paraphrase);
        var doubt = await ObserveAsync(new CacheObserveRequest { LookupId = lookup.LookupId!, AnswerText = "Bananas are yellow.", CanJudge = true });
        Assert.Equal((true, false), (doubt.Recorded, doubt.Equivalent));
        Assert.Equal("forgotten", (await ObserveAsync(new CacheObserveRequest { LookupId = lookup.LookupId!, Equivalent = true })).Basis);
        Assert.Equal("forgotten", (await ObserveAsync(new CacheObserveRequest { LookupId = "unknown", Equivalent = true })).Basis);

        var again = await LookupAsync(A, Paraphrase);
        var numbers = await ObserveAsync(new CacheObserveRequest { LookupId = again.LookupId!, Equivalent = false });
        Assert.Equal((true, "judge"), (numbers.Recorded, numbers.Basis));
        var entry = await GetAsync($"/v1/entries/{again.EntryId}", ContractsJson.Default.CacheEntryView);
        Assert.Equal((0, 2), (entry.Right, entry.Wrong));
    }

    [Fact]
    public async Task What_cannot_be_compared_is_told_and_never_an_error()
    {
        Assert.Equal((CacheOutcome.Bypass, CacheReasons.EmptyText), Of(await LookupAsync(A, " \t ")));
        Assert.Equal(CacheReasons.EmptyText, (await StoreAsync(A, "", "x")).Reason);
        var huge = string.Concat(Enumerable.Repeat("many words ", 100_000));
        Assert.Equal((CacheOutcome.Bypass, CacheReasons.LongText), Of(await LookupAsync(A, huge)));
        Assert.Equal(CacheReasons.LongText, (await StoreAsync(A, huge, "x")).Reason);

        Assert.True((await StoreAsync(A, "如何重置密码？", "打开设置")).Stored);
        Assert.Equal((CacheOutcome.Hit, CacheReasons.SameText), Of(await LookupAsync(A, "如何重置密码？")));
        Assert.Equal((CacheOutcome.Miss, CacheReasons.UnknownScript), Of(await LookupAsync(A, "怎么重置密码？")));
        foreach (var text in new[] { "🎉🎉🎉", "\u0000\u0001\u0002", "????", "a", "\u202e\u202d" })
        {
            Assert.NotEqual(CacheOutcome.Hit, (await LookupAsync(A, text)).Outcome);
            await StoreAsync(A, text, "x");
        }

        // Case counts in code.
        await StoreAsync(A, "What does `ls -A` do?", "one");
        Assert.NotEqual(CacheReasons.SameText, (await LookupAsync(A, "What does `ls -a` do?")).Reason);
    }

    [Fact]
    public async Task A_long_text_that_is_cut_must_be_equal_in_its_rest()
    {
        var body = string.Concat(Enumerable.Range(0, 300).Select(static i => $"line {i} of the report says something. "));
        var policy = new CacheMatchPolicy { Mode = CacheMatchMode.Threshold, Threshold = 0.9, LongText = CacheLongText.Truncate };
        await StoreAsync(A, "Summarise this: " + body, "sum", CacheLongText.Truncate);
        Assert.Equal(CacheOutcome.Hit, (await LookupAsync(A, "Summarise This: " + body.Replace("line 1 ", "row 1 ", StringComparison.Ordinal), policy)).Outcome);
        Assert.Equal(CacheOutcome.Miss, (await LookupAsync(A, "Summarise this: " + body + "And one more line.", policy)).Outcome);
    }

    [Fact]
    public async Task Entries_are_browsed_searched_and_deleted_without_a_trace()
    {
        await StoreAsync(A, Question, "Open the settings with secretword.", facts: new CacheEntryFacts { Key = "k1", Route = "r", Model = "m", Tags = ["x", "y"], Scope = "team:blue" });
        await StoreAsync(A, "How do I bake bread?", "Flour.", facts: new CacheEntryFacts { Key = "k2", Route = "r" });
        await StoreAsync(B, "Who wrote Hamlet?", "Shakespeare.");

        Assert.Equal(3, (await GetAsync("/v1/entries", ContractsJson.Default.CacheEntryList)).Entries.Count);
        Assert.Equal(2, (await GetAsync("/v1/entries?route=r", ContractsJson.Default.CacheEntryList)).Entries.Count);
        Assert.Equal("How do I bake bread?", (await GetAsync("/v1/entries?text=bread", ContractsJson.Default.CacheEntryList)).Entries.Single().Text);
        var page = await GetAsync("/v1/entries?limit=2", ContractsJson.Default.CacheEntryList);
        Assert.Single((await GetAsync("/v1/entries?limit=2&after=" + page.Next, ContractsJson.Default.CacheEntryList)).Entries);

        Assert.Equal(1, await DeleteAsync("/v1/entries?tag=y"));
        Assert.Equal((CacheOutcome.Miss, CacheReasons.NothingNear), Of(await LookupAsync(A, Question)));
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("secretword", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancel)), StringComparison.Ordinal);
        }

        Assert.Equal(0, await DeleteAsync("/v1/entries?olderThanSeconds=1000"));
        Assert.Equal(2, await DeleteAsync("/v1/entries?all=true"));
        Assert.Empty((await GetAsync("/v1/entries", ContractsJson.Default.CacheEntryList)).Entries);
    }

    [Theory]
    [InlineData("DELETE", "/v1/entries", "all=true")]
    [InlineData("DELETE", "/v1/entries?scop=x", "scop")]
    [InlineData("DELETE", "/v1/entries?all=true&key=k", "one of them")]
    [InlineData("GET", "/v1/entries?limit=0", "limit")]
    [InlineData("GET", "/v1/entries?olderThanSeconds=-1", "olderThanSeconds")]
    [InlineData("GET", "/v1/stats?domain=x", "domain")]
    public async Task A_query_that_cannot_be_meant_is_refused(string method, string path, string place)
    {
        using var response = await service.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(place, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_says_feature_by_feature_why()
    {
        var explained = await PostAsync(
            "/v1/explain", new CacheExplainRequest { TextA = "Convert 5 miles to km", TextB = "Convert 9 miles to km" },
            ContractsJson.Default.CacheExplainRequest, ContractsJson.Default.CacheExplainResponse);
        Assert.NotEqual(CacheOutcome.Hit, explained.Outcome);
        Assert.Contains(explained.Features, static f => f is { Name: "guard" } or { Name: "numbers_differ", Contribution: < 0 });
        var script = await PostAsync(
            "/v1/explain", new CacheExplainRequest { TextA = "你好", TextB = "hello" }, ContractsJson.Default.CacheExplainRequest, ContractsJson.Default.CacheExplainResponse);
        Assert.Equal(CacheReasons.UnknownScript, script.Reason);
        Assert.Contains("matched exactly only", script.Notes.Single(), StringComparison.Ordinal);
        var french = await PostAsync(
            "/v1/explain", new CacheExplainRequest { TextA = "Comment puis-je changer mon mot de passe ?", TextB = "Comment est-ce que je change le mot de passe de mon compte ?" },
            ContractsJson.Default.CacheExplainRequest, ContractsJson.Default.CacheExplainResponse);
        Assert.Equal(CacheReasons.UnknownLanguage, french.Reason);
        Assert.Contains("another language (fr)", french.Notes.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/lookup", "{", "invalid_json")]
    [InlineData("/v1/lookup", """{"partition":"00","text":""}""", "$.partition")]
    [InlineData("/v1/lookup", """{"partition":"p"}""", "text")]
    [InlineData("/v1/lookup", """{"partition":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","text":"","policy":{"threshold":2}}""", "$.policy.threshold")]
    [InlineData("/v1/lookup", """{"partition":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","text":"","policy":{"mode":"x"}}""", "mode")]
    [InlineData("/v1/store", """{"partition":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","text":"","answer":{"body":""},"ttlSeconds":0}""", "$.ttlSeconds")]
    [InlineData("/v1/observe", """{"lookupId":"x"}""", "nothing to compare")]
    public async Task Bad_bodies_get_a_400_that_names_the_place(string path, string body, string place)
    {
        using var response = await service.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(place, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strangers_are_refused()
    {
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = service.Client.BaseAddress };
        foreach (var path in new[] { "/v1/stats", "/v1/entries", "/v1/entries/00000000000000000000000000000000" })
        {
            using var answer = await stranger.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var deleted = await stranger.DeleteAsync("/v1/entries?all=true", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, deleted.StatusCode);
        Assert.Equal(0, await service.StopAsync());
    }

    private static (CacheOutcome, string?) Of(CacheLookupResponse answer) => (answer.Outcome, answer.Reason);

    private Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync("Gateway.SemanticCache", ("Gateway:DataDirectory", folder));

    private Task<CacheLookupResponse> LookupAsync(string partition, string text, CacheMatchPolicy? policy = null) => PostAsync(
        "/v1/lookup", new CacheLookupRequest { Partition = partition, Text = text, BudgetMilliseconds = 60_000, Policy = policy ?? new CacheMatchPolicy { ShadowRate = 0 } },
        ContractsJson.Default.CacheLookupRequest, ContractsJson.Default.CacheLookupResponse);

    private Task<CacheStoreResponse> StoreAsync(
        string partition, string text, string answer, CacheLongText longText = CacheLongText.Skip, CacheEntryFacts? facts = null) => PostAsync(
        "/v1/store",
        new CacheStoreRequest
        {
            Partition = partition,
            Text = text,
            LongText = longText,
            TtlSeconds = 3600,
            Facts = facts ?? new CacheEntryFacts(),
            Answer = new CacheAnswer
            {
                Body = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Dictionary<string, string> { ["text"] = answer })),
                Text = answer,
                Dialect = "chat",
                PromptTokens = 7,
                CompletionTokens = 3,
                CostNano = 1000,
            },
        },
        ContractsJson.Default.CacheStoreRequest, ContractsJson.Default.CacheStoreResponse);

    private Task<CacheObserveResponse> ObserveAsync(CacheObserveRequest request)
        => PostAsync("/v1/observe", request, ContractsJson.Default.CacheObserveRequest, ContractsJson.Default.CacheObserveResponse);

    private async Task<TAnswer> PostAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> from, JsonTypeInfo<TAnswer> to)
    {
        using var response = await service.Client.PostAsync(path, new StringContent(JsonSerializer.Serialize(body, from), Encoding.UTF8, "application/json"), Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, text + "\n" + service.Output);
        return JsonSerializer.Deserialize(text, to)!;
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(await service.Client.GetStringAsync(path, Cancel), type)!;

    private async Task<long> DeleteAsync(string path)
    {
        using var response = await service.Client.DeleteAsync(path, Cancel);
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Cancel), ContractsJson.Default.CacheDeleteResponse)!.Deleted;
    }
}
