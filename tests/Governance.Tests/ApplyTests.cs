using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class ApplyOnSqliteTests() : ApplyTests(null);

public sealed class ApplyOnPostgresTests(PostgresServer server) : ApplyTests(server);

public abstract class ApplyTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string Whole =
        """
        version: 1
        owner: platform
        # Names of the edge's file and of the admin API may be mixed.
        providers:
          acme: {kind: openai, baseUrl: "https://llm.acme.test/v1"}
        credentials:
          acme-1: {provider: acme, secret: sk-acme}
        deployments:
          acme/large: {provider: acme, credential: acme-1, model: large-2}
        routes:
          smart:
            targets: [{deploymentId: acme/large, weight: 2}]
        budgets:
          monthly: {name: Monthly, limitUsd: 12.5, window: month}
        teams:
          web: {name: Web, budgets: [monthly], limits: {concurrency: 7}}
        keys:
          web-key: {name: Web key, team: web}
        settings: {maxJsonDepth: 9}
        """;

    [Fact]
    public async Task A_document_makes_everything_in_one_change_and_a_second_time_nothing()
    {
        var instance = await StartAsync();

        var dry = await ApplyAsync(instance, Whole, "?dryRun=true");
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/teams/web")).Status);
        var first = await ApplyAsync(instance, Whole);
        var again = await ApplyAsync(instance, Whole);

        Assert.Equal(8, dry.Body["changes"]!.AsArray().Count);
        Assert.Empty(dry.Body["secrets"]!.AsArray());
        Assert.Equal(8, first.Body["changes"]!.AsArray().Count);
        Assert.Empty(again.Body["changes"]!.AsArray());
        Assert.Equal(8, again.Body["unchanged"]!.GetValue<int>());
        Assert.Equal(first.ETag, again.ETag);
        Assert.Equal(first.Body["version"]!.GetValue<long>(), again.Body["version"]!.GetValue<long>());
        var snapshot = await SnapshotAsync(instance);
        Assert.Equal(12_500_000_000, snapshot.Budgets.Single().LimitNanoUsd);
        Assert.Equal("web", snapshot.Keys.Single().TeamId);
        Assert.Equal("sk-acme", snapshot.Credentials.Single(c => c.Id == "acme-1").Secret);
        Assert.Equal(Keys.KeyMaterial.Hash(first.Body["secrets"]![0]!["key"]!.GetValue<string>()), snapshot.Keys.Single().Sha256);
        Assert.Single((await DoAsync(instance.Admin, HttpMethod.Get, "/api/config/versions"))["items"]!.AsArray(), v => v!["via"]?.GetValue<string>() == "apply by platform");
    }

    [Fact]
    public async Task Pruning_deletes_what_the_owner_no_longer_names_of_the_kinds_it_names_and_nothing_else()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", """{"id":"by-hand","name":"H"}""");
        await ApplyAsync(instance, "owner: one\nteams: {a: {name: A}, b: {name: B}}\nbudgets: {x: {name: X, limitNanoUsd: 1}}");
        await ApplyAsync(instance, "owner: two\nteams: {c: {name: C}}");

        var kept = await ApplyAsync(instance, "owner: one\nteams: {a: {name: A}}");
        var pruned = await ApplyAsync(instance, "owner: one\nteams: {a: {name: A}}", "?prune=true");

        Assert.Empty(kept.Body["changes"]!.AsArray());
        Assert.Equal(["delete b"], pruned.Body["changes"]!.AsArray().Select(c => $"{c!["action"]} {c["id"]}"));
        Assert.Equal(["a", "by-hand", "c"], (await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams"))["items"]!.AsArray().Select(t => t!["id"]!.GetValue<string>()));
        await DoAsync(instance.Admin, HttpMethod.Get, "/api/budgets/x");

        var (status, problem, _) = await SendYamlAsync(instance, "owner: two\nteams: {a: {name: Mine}}");
        Assert.Equal((HttpStatusCode.BadRequest, "teams.a"), (status, FieldsOf(problem).Single()));
        Assert.Single((await ApplyAsync(instance, "owner: two\nteams: {a: {name: Mine}}", "?takeOver=true")).Body["changes"]!.AsArray());
    }

    [Fact]
    public async Task All_errors_come_at_once_with_their_lines_and_nothing_is_changed()
    {
        var instance = await StartAsync();
        var (status, problem, _) = await SendYamlAsync(instance, """
            teams:
              good: {name: Good}
              bad:
                nmae: Typo
                budgets:
                  - none
            budgets:
              b: {name: B, limitUsd: lots}
            colours: {}
            """);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_fields"), (status, problem["code"]!.GetValue<string>()));
        Assert.Equal(
            ["3 teams.bad.name", "4 teams.bad.nmae", "8 budgets.b.limitUsd", "9 colours"],
            problem["errors"]!.AsArray().Select(e => $"{e!["line"]} {e["field"]}"));
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams"))["items"]!.AsArray());

        var dangling = (await SendYamlAsync(instance, "teams:\n  t:\n    name: T\n    budgets:\n      - none\n")).Body;
        Assert.Equal(["5 teams.t.budgets[0]"], dangling["errors"]!.AsArray().Select(e => $"{e!["line"]} {e["field"]}"));
        foreach (var text in (string[])["", "- a", "a: &x 1", "a: [", "a: 1\na: 2", "teams: 3", "version: 2", "a: b\n---\nc: d"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await SendYamlAsync(instance, text)).Status);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await SendYamlAsync(instance, "teams: {}", "?dry=true")).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_is_exported_applies_to_nothing_changed(int seed)
    {
        var instance = await StartAsync();
        var random = new Random(seed);
        await ApplyAsync(instance, Whole);
        string[] names = ["A b", "true", "12", "1e5", " x ", "\u00e9\u6f22", "'\"\\", "null", "#no", "a: b", "- c", "2026-11-21", "~", "\U0001F600"];
        for (var i = 0; i < 25; i++)
        {
            var name = JsonValue.Create(names[random.Next(names.Length)]).ToJsonString();
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", $$"""{"id":"b{{i}}","name":{{name}},"limitNanoUsd":{{random.NextInt64(1_000_000_000_000)}},"window":"{{(i % 2 == 0 ? "Week" : "Total")}}"}""");
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", $$"""
                {"id":"{{i}}","name":{{name}},"enabled":{{(i % 2 == 0 ? "true" : "false")}},"allowedModels":["gpt-*","a/b:{{i}}"],"budgetIds":["b{{random.Next(i + 1)}}"],"requiredMetadata":["12","yes"]
                 {{(i % 3 == 0 ? ""","expiresAt":"2031-02-03T04:05:06Z","limits":{"requestsPerMinute":5}""" : "")}}}
                """);
        }

        foreach (var format in (string[])["yaml", "json"])
        {
            using var export = await instance.Admin.GetAsync($"/api/config/export?format={format}", Cancellation);
            var text = await export.Content.ReadAsStringAsync(Cancellation);
            var (status, report, etag) = await SendYamlAsync(instance, text, "", export.Headers.ETag!.Tag);
            Assert.True(status == HttpStatusCode.OK, report.ToJsonString());
            Assert.Empty(report["changes"]!.AsArray());
            Assert.Equal(export.Headers.ETag.Tag, etag);
            Assert.DoesNotContain("sk-acme", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Apply_with_the_tag_of_an_older_export_is_refused()
    {
        var instance = await StartAsync();
        var first = await ApplyAsync(instance, "teams: {a: {name: A}}");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", """{"id":"b","name":"B"}""");

        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendYamlAsync(instance, "teams: {a: {name: C}}", "", first.ETag)).Status);
    }

    [Fact]
    public async Task A_repeat_under_the_same_idempotency_key_is_answered_the_same_and_done_once()
    {
        var instance = await StartAsync();
        var first = await OnceAsync(instance, "key-1", """{"name":"k"}""");
        var again = await OnceAsync(instance, "key-1", """{"name":"k"}""");
        var other = await OnceAsync(instance, "key-1", """{"name":"other"}""");
        var refused = await OnceAsync(instance, "key-2", """{"nmae":"k"}""");
        var corrected = await OnceAsync(instance, "key-2", """{"name":"k"}""");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.Status, again.Status));
        Assert.Equal(first.Text, again.Text);
        Assert.Contains("gw-", first.Text, StringComparison.Ordinal);
        Assert.Equal((false, true), (first.Replayed, again.Replayed));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Created), (refused.Status, corrected.Status));
        Assert.Equal(2, (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys"))["items"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.BadRequest, (await OnceAsync(instance, new string('x', 300), "{}")).Status);
        var key = JsonNode.Parse(first.Text)!["key"]!.GetValue<string>();
        Assert.DoesNotContain(key, await StoredTextAsync(instance), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_at_once_under_one_idempotency_key_make_one_entry()
    {
        var instance = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => OnceAsync(instance, "same", """{"name":"k"}""")));

        Assert.Single((await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys"))["items"]!.AsArray());
        Assert.All(answers, a => Assert.True(a.Status is HttpStatusCode.Created or HttpStatusCode.Conflict, a.Text));
        Assert.Single(answers, a => a is { Status: HttpStatusCode.Created, Replayed: false });
    }

    [Fact]
    public async Task An_answer_that_was_lost_after_the_change_is_told_and_the_change_not_repeated()
    {
        var instance = await StartAsync();
        await OnceAsync(instance, "lost", """{"name":"k"}""");
        await ExecuteAsync(instance, "UPDATE idempotency_keys SET state = 1, answer = '', started_at = started_at - 600000");

        var again = await OnceAsync(instance, "lost", """{"name":"k"}""");

        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Contains("idempotency_answer_lost", again.Text, StringComparison.Ordinal);
        Assert.Single((await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys"))["items"]!.AsArray());
    }

    private static async Task<(JsonObject Body, string? ETag)> ApplyAsync(Instance instance, string text, string query = "")
    {
        var (status, body, etag) = await SendYamlAsync(instance, text, query);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return (body, etag);
    }

    private static async Task<(HttpStatusCode Status, JsonObject Body, string? ETag)> SendYamlAsync(Instance instance, string text, string query = "", string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/config/apply{query}") { Content = new StringContent(text, Encoding.UTF8, "application/yaml") };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await instance.Admin.SendAsync(request, Cancellation);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!.AsObject(), response.Headers.ETag?.Tag);
    }

    private static async Task<(HttpStatusCode Status, string Text, bool Replayed)> OnceAsync(Instance instance, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/keys") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await instance.Admin.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation), response.Headers.Contains("Idempotency-Replayed"));
    }
}
