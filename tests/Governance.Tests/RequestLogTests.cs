using System.Net;
using System.Text.Json.Nodes;
using Gateway.Contracts.RequestLog;
using Gateway.Contracts.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

public sealed class RequestLogOnSqliteTests() : RequestLogTests(null);

public sealed class RequestLogOnPostgresTests(PostgresServer server) : RequestLogTests(server);

/// <summary>The request log: intake, search, what was said, sessions, who sees what.</summary>
public abstract class RequestLogTests(PostgresServer? server) : RequestLogHarness(server)
{
    [Fact]
    public async Task An_entry_is_stored_once_and_joins_its_usage_record()
    {
        var instance = await StartAsync();
        var id = Id(1);
        await IngestAsync(instance, Record(1) with { Status = 502, Outcome = RequestOutcome.UpstreamUnavailable });
        var entry = Entry(1) with
        {
            RequestId = "0HN7:00000001",
            Fault = "upstream",
            Step = "call",
            Message = "No target answered.",
            Decision = """{"calls":2,"attempts":[{"deployment":"a","reason":"timeout","ms":10}]}""",
            Notes = ["cache: miss"],
            ClientAddress = "10.1.2.0/24",
            UserAgent = "OpenAI/Python 2.0",
            Events = 0,
        };
        Assert.Equal((1, 0), await SendLogsAsync(instance, entry));
        Assert.Equal((0, 1), await SendLogsAsync(instance, entry with { Message = "another" }));

        var listed = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/logs?failed=true"))["items"]!.AsArray().Single()!;
        Assert.Equal(id, (string)listed["id"]!);
        Assert.Equal("upstream", (string)listed["fault"]!);
        Assert.Equal(502, (int)listed["record"]!["status"]!);
        Assert.False((bool)listed["hasBodies"]!);

        var read = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/logs/{id}");
        Assert.Equal("No target answered.", (string)read["detail"]!["message"]!);
        Assert.Equal("timeout", (string)read["detail"]!["decision"]!["attempts"]![0]!["reason"]!);
        Assert.Equal("cache: miss", (string)read["detail"]!["notes"]![0]!);
        Assert.Equal("edge-1", (string)read["detail"]!["edge"]!);
        Assert.Equal(id, (string)(await DoAsync(instance.Admin, HttpMethod.Get, "/api/logs?requestId=0HN7:00000001"))["items"]!.AsArray().Single()!["id"]!);
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Get, "/api/logs?requestId=0HN7:00000002"))["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, $"/api/logs/{id}/bodies")).Status);
    }

    [Fact]
    public async Task A_proposed_guardrail_is_replayed_over_what_was_said_by_who_may_read_it()
    {
        var instance = await StartAsync();
        await IngestAsync(instance, Record(1), Record(2), Record(3) with { Model = "other" }, Record(4));
        await SendLogsAsync(
            instance,
            WithBodies(1, """{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"The quokka"}]}""", """{"choices":[{"message":{"role":"assistant","content":"Indeed"}}]}"""),
            WithBodies(2, """{"messages":[{"role":"user","content":"nothing of note"}]}""", """{"choices":[{"message":{"role":"assistant","content":"A wombat is a marsupial"}}]}"""),
            WithBodies(3, """{"messages":[{"role":"user","content":"quokka, cut in the mi""", null) with { Model = "other" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/guardrails", """{"id":"now","rules":[{"detector":"keywords","action":"block","terms":["marsupial"]}]}""");
        var policy = new { rules = new object[] { new { detector = "keywords", action = "block", terms = new[] { "quokka" } }, new { detector = "keywords", action = "redact", terms = new[] { "wombat" } } } };

        var report = await DoAsync(instance.Admin, HttpMethod.Post, "/api/guardrails/dry-run", new { policy, compareWith = "now", logs = new { } });
        Assert.Equal((3, 2, 1, 1, 3), ((int)report["requests"]!, (int)report["blocked"]!, (int)report["changed"]!, (int)report["blockedBefore"]!, (int)report["different"]!));
        Assert.Equal([Id(3), Id(2), Id(1)], report["differences"]!.AsArray().Select(static d => (string)d!["log"]!));
        Assert.Equal("A [TERM] is a marsupial", (string?)report["differences"]![1]!["changed"]);
        Assert.Equal(("Block", "Allow"), ((string)report["differences"]![1]!["before"]!, (string)report["differences"]![1]!["after"]!));
        Assert.Equal(Record(1).CostNanoUsd + Record(3).CostNanoUsd, (long)report["blockedSpendNanoUsd"]!);
        Assert.Equal((Record(1).CostNanoUsd + Record(2).CostNanoUsd + Record(3).CostNanoUsd, 0L), ((long)report["spendNanoUsd"]!, (long)report["blockedSpendBeforeNanoUsd"]!));

        Assert.Equal(1, (int)(await DoAsync(instance.Admin, HttpMethod.Post, "/api/guardrails/dry-run", new { policy, logs = new { model = "other" } }))["requests"]!);
        Assert.Equal(1, (int)(await DoAsync(instance.Admin, HttpMethod.Post, "/api/guardrails/dry-run", new { policy, logs = new { limit = 1 } }))["requests"]!);
        await Eventually.TrueAsync(() => Actions(instance).GetAwaiter().GetResult().Contains("access.search"));
    }

    [Fact]
    public async Task What_was_said_is_found_by_its_words_read_with_a_note_in_the_audit_log_and_nowhere_in_the_store()
    {
        var instance = await StartAsync();
        await IngestAsync(instance, Record(1), Record(2), Record(3) with { Model = "other" });
        await SendLogsAsync(
            instance,
            WithBodies(1, """{"messages":[{"role":"user","content":"The quokka likes Zebrafinken in Köln"}]}""", """{"choices":[{"message":{"content":"Indeed"}}]}"""),
            WithBodies(2, """{"messages":[{"role":"user","content":"nothing of note"}]}""", """{"choices":[{"message":{"content":"A quokka is a marsupial"}}]}"""),
            WithBodies(3, """{"messages":[{"role":"user","content":"日本語のquokka"}]}""", null) with { Model = "other" });

        Assert.Equal([Id(3), Id(2), Id(1)], await FoundAsync(instance.Admin, "text=QUOKKA"));
        Assert.Equal([Id(1)], await FoundAsync(instance.Admin, "text=quokka+zebrafinken"));
        Assert.Equal([Id(1)], await FoundAsync(instance.Admin, "text=k%C3%B6ln"));
        Assert.Equal([Id(3)], await FoundAsync(instance.Admin, "text=%E6%9C%AC%E8%AA%9E"));
        Assert.Equal([Id(3)], await FoundAsync(instance.Admin, "text=quokka&model=other"));
        Assert.Equal([Id(2), Id(1)], await FoundAsync(instance.Admin, "text=quokka&maxCostUsd=0.0000025"));
        Assert.Empty(await FoundAsync(instance.Admin, "text=content"));
        Assert.Empty(await FoundAsync(instance.Admin, "text=quokka&to=2026-05-10T12:00:00Z"));

        var bodies = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/logs/{Id(1)}/bodies");
        Assert.Contains("Zebrafinken", (string)bodies["request"]!["text"]!, StringComparison.Ordinal);
        Assert.Contains("Indeed", (string)bodies["answer"]!["text"]!, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Actions(instance).GetAwaiter().GetResult() is var actions && actions.Contains("log.bodies") && actions.Contains("access.search"));

        var stored = await EverythingAsync(instance);
        foreach (var word in (string[])["quokka", "Zebrafinken", "zebrafinken", "marsupial"])
        {
            Assert.DoesNotContain(word, stored, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Pages_by_words_hold_each_entry_once_whatever_their_size()
    {
        var instance = await StartAsync();
        var numbers = Enumerable.Range(1, 60).ToList();

        // Some in one microsecond, some hours, days and months apart.
        long At(int n) => Micros(Start) - (n % 7 == 0 ? 0 : (long)n * n * 3_600_000_000 / 3);
        await IngestAsync(instance, [.. numbers.Select(n => Record(n) with { StartedAtMicros = At(n), Status = n % 3 == 0 ? 500 : 200 })]);
        await SendLogsAsync(instance, [.. numbers.Select(n => WithBodies(n, $$"""{"p":"common {{(n % 5 == 0 ? "fifth" : "rest")}}"}""", null) with { StartedAtMicros = At(n) })]);
        foreach (var (query, expected) in (IEnumerable<(string, Func<int, bool>)>)[("text=common", _ => true), ("text=fifth", n => n % 5 == 0), ("text=common+fifth&status=500", n => n % 15 == 0), ("text=absent", _ => false)])
        {
            foreach (var limit in (int[])[1, 7, 100])
            {
                var found = await FoundAsync(instance.Admin, $"{query}&limit={limit}");
                Assert.Equal(numbers.Where(expected).Select(Id).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
                var times = found.Select(i => At(numbers.Single(n => Id(n) == i))).ToList();
                Assert.Equal(times.OrderDescending(), times);
            }
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/logs?text=%2C")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/logs?text=a&after=MTIzOg")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/logs?words=a")).Status);
    }

    [Fact]
    public async Task Everybody_sees_what_is_theirs_and_a_request_is_listed_if_and_only_if_it_can_be_read()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "red", name = "red" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "blue", name = "blue" });
        var key = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k-red", name = "k", teamId = "red" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k-blue", name = "k", teamId = "blue" });
        var owners = new Dictionary<int, (string Key, string Team)> { [1] = ("k-red", "red"), [2] = ("k-other", "red"), [3] = ("k-blue", "blue") };
        await IngestAsync(instance, [.. owners.Select(o => Record(o.Key) with { KeyId = o.Value.Key, TeamId = o.Value.Team, SessionId = "s" })]);
        await SendLogsAsync(instance, [.. owners.Select(o => WithBodies(o.Key, """{"p":"secret plans"}""", null) with { KeyId = o.Value.Key, TeamId = o.Value.Team })]);

        using var holder = instance.With((string)key["key"]!);
        using var teamAdmin = await CallerAsync(instance, "teamAdmin", ["red"]);
        using var teamViewer = await CallerAsync(instance, "teamViewer", ["red"]);
        using var viewer = await CallerAsync(instance, "viewer");
        using var auditor = await CallerAsync(instance, "auditor");
        foreach (var (caller, seen, reads) in (IEnumerable<(HttpClient, int[], bool)>)
            [(holder, [1], true), (teamAdmin, [1, 2], true), (teamViewer, [1, 2], false), (viewer, [1, 2, 3], false), (auditor, [1, 2, 3], true), (instance.Admin, [1, 2, 3], true)])
        {
            Assert.Equal(seen.Select(Id).Order(), (await FoundAsync(caller, "")).Order());
            foreach (var n in owners.Keys)
            {
                Assert.Equal(seen.Contains(n) ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await SendAsync(caller, HttpMethod.Get, $"/api/logs/{Id(n)}")).Status);
                Assert.Equal(seen.Contains(n) && reads ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await SendAsync(caller, HttpMethod.Get, $"/api/logs/{Id(n)}/bodies")).Status);
            }

            if (reads)
            {
                Assert.Equal(seen.Select(Id).Order(), (await FoundAsync(caller, "text=plans")).Order());
            }
            else
            {
                Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(caller, HttpMethod.Get, "/api/logs?text=plans")).Status);
            }

            var sessions = (await DoAsync(caller, HttpMethod.Get, "/api/logs/sessions"))["items"]!.AsArray();
            Assert.Equal(seen.Select(n => owners[n].Key).Order(), sessions.Select(s => (string)s!["key"]!).Order());
            var session = await DoAsync(caller, HttpMethod.Get, "/api/logs/sessions/s");
            Assert.Equal(seen.Length, (int)session["requests"]!);
            Assert.Equal(seen.Select(Id), session["items"]!.AsArray().Select(i => (string)i!["id"]!));
            Assert.Equal(caller == instance.Admin ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await SendAsync(caller, HttpMethod.Delete, "/api/logs?key=none")).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(holder, HttpMethod.Get, "/api/logs?key=k-blue")).Status);
    }

    [Fact]
    public async Task Sessions_add_up_what_their_requests_used_in_pages_that_hold_each_once()
    {
        var instance = await StartAsync();
        var records = Enumerable.Range(1, 40).Select(n => Record(n) with
        {
            SessionId = n % 4 == 0 ? "" : $"session {n % 4}",
            KeyId = n % 2 == 0 ? "k-a" : "k-b",
            Outcome = n % 5 == 0 ? RequestOutcome.UpstreamError : RequestOutcome.Completed,
            StartedAtMicros = Micros(Start.AddDays(-n)),
            EndUser = n > 20 ? "" : "anna",
        }).ToList();
        await IngestAsync(instance, [.. records.Take(20)]);
        await IngestAsync(instance, [.. records.Skip(10)]);

        var expected = records.Where(r => r.SessionId.Length > 0).GroupBy(r => (r.SessionId, r.KeyId)).ToDictionary(g => g.Key, g => g.ToList());
        foreach (var limit in (int[])[1, 2, 50])
        {
            var seen = new Dictionary<(string, string), JsonNode>();
            string? after = null;
            long last = long.MaxValue;
            do
            {
                var page = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/logs/sessions?limit={limit}{(after is null ? "" : $"&after={after}")}");
                foreach (var item in page["items"]!.AsArray())
                {
                    var at = DateTimeOffset.Parse((string)item!["lastAt"]!, System.Globalization.CultureInfo.InvariantCulture).UtcTicks;
                    Assert.True(at <= last);
                    last = at;
                    seen.Add(((string)item["session"]!, (string)item["key"]!), item);
                }

                after = (string?)page["next"];
            }
            while (after is not null);
            Assert.Equal(expected.Keys.Order(), seen.Keys.Order());
            foreach (var (name, all) in expected)
            {
                Assert.Equal(all.Count, (int)seen[name]["requests"]!);
                Assert.Equal(all.Count(r => r.Outcome == RequestOutcome.UpstreamError), (int)seen[name]["errors"]!);
                Assert.Equal(all.Sum(r => r.CostNanoUsd), (long)seen[name]["costNanoUsd"]!);
                Assert.Equal(all.Sum(r => r.Tokens.Input + r.Tokens.Output), (long)seen[name]["totalTokens"]!);
            }
        }

        var ids = new List<string>();
        string? next = null;
        do
        {
            var view = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/logs/sessions/session%201?key=k-b&limit=3{(next is null ? "" : $"&after={next}")}");
            ids.AddRange(view["items"]!.AsArray().Select(i => (string)i!["id"]!));
            next = (string?)view["next"];
        }
        while (next is not null);
        Assert.Equal(expected[("session 1", "k-b")].OrderBy(r => r.StartedAtMicros).Select(r => r.Id), ids);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/logs/sessions/none")).Status);
        Assert.NotEmpty((await DoAsync(instance.Admin, HttpMethod.Get, "/api/logs/sessions?endUser=anna"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_batch_with_a_wrong_entry_is_refused_whole()
    {
        var instance = await StartAsync();
        foreach (var (wrong, field) in (IEnumerable<(RequestLogEntry, string)>)
            [(Entry(1) with { Id = "x" }, "id"), (Entry(1) with { StartedAtMicros = -1 }, "startedAtMicros"), (Entry(1) with { EndUser = new string('x', 300) }, "endUser"),
                (Entry(1) with { Notes = [.. Enumerable.Repeat("n", 200)] }, "notes")])
        {
            using var answer = await PostAsync(instance, Entry(2), wrong);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains($"entries[1].{field}", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }

        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Get, "/api/logs"))["items"]!.AsArray());
        using var stranger = await instance.Anonymous.PostAsync("/internal/logs", new StringContent("{}"), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task Whoever_watches_is_told_of_requests_as_they_end_and_of_none_that_are_not_his()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "red", name = "red" });
        using var teamAdmin = await CallerAsync(instance, "teamAdmin", ["red"]);
        using var answer = await teamAdmin.GetAsync("/api/logs/tail?failed=true", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal(": watching", await reader.ReadLineAsync(Cancellation));
        await IngestAsync(
            instance,
            Record(1) with { TeamId = "blue", Status = 500 }, Record(2) with { TeamId = "red" }, Record(3) with { TeamId = "red", Status = 500, SessionId = "s" });
        string? line;
        do
        {
            line = await reader.ReadLineAsync(Cancellation);
        }
        while (line is not null && !line.StartsWith("data: ", StringComparison.Ordinal));
        var item = JsonNode.Parse(line!["data: ".Length..])!;
        Assert.Equal(Id(3), (string)item["id"]!);
        Assert.Equal("s", (string)item["record"]!["session"]!);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(teamAdmin, HttpMethod.Get, "/api/logs/tail?team=blue")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(teamAdmin, HttpMethod.Get, "/api/logs/tail?text=a")).Status);
    }
}
