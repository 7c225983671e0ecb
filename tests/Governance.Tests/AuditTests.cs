using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Audit;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class AuditOnSqliteTests() : AuditTests(null);

public sealed class AuditOnPostgresTests(PostgresServer server) : AuditTests(server);

public abstract class AuditTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task Every_change_is_kept_with_who_what_and_why_and_without_secrets()
    {
        var instance = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/teams") { Content = Json("""{"id":"t1","name":"One"}""") };
        request.Headers.Add("X-Audit-Reason", "ticket 42");
        request.Headers.Add("x-request-id", "req-1");
        (await instance.Admin.SendAsync(request, Cancellation)).EnsureSuccessStatusCode();
        await DoAsync(instance.Admin, HttpMethod.Put, "/api/teams/t1", """{"name":"Two","limits":{"concurrency":3}}""");
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/teams/t1");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", """{"id":"acme","kind":"openai","baseUrl":"https://llm.acme.test/v1","headers":{"X-Api-Key":"very-secret-1","x-org":"42"}}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", """{"id":"c1","providerId":"acme","secret":"very-secret-2"}""");
        await DoAsync(instance.Admin, HttpMethod.Put, "/api/credentials/c1", """{"providerId":"acme","secret":"very-secret-3"}""");
        var key = (await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", """{"id":"k1","name":"k"}"""))["key"]!.GetValue<string>();
        await DoAsync(instance.Admin, HttpMethod.Put, "/api/settings", """{"maxJsonDepth":9}""");

        var rows = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?limit=1000&full=true"))["items"]!.AsArray();

        var text = rows.ToJsonString();
        Assert.DoesNotContain("very-secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain(key, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Keys.KeyMaterial.Hash(key), text, StringComparison.Ordinal);
        var create = Assert.Single(rows, r => Is(r!, "create", "team", "t1"))!;
        Assert.Equal(("ticket 42", "req-1", "admin-key:bootstrap", "owner"), (Text(create, "reason"), Text(create, "requestId"), Text(create["actor"]!, "id"), Text(create["actor"]!, "role")));
        Assert.Equal("127.0.0.1", Text(create, "address"));
        var change = Assert.Single(rows, r => Is(r!, "change", "team", "t1"))!;
        Assert.Equal(["name:\"One\">\"Two\"", "limits.concurrency:null>3"], change["changes"]!.AsArray().Select(c => $"{c!["field"]}:{c["before"]?.ToJsonString() ?? "null"}>{c["after"]?.ToJsonString()}"));
        Assert.Equal("Two", Text(Assert.Single(rows, r => Is(r!, "delete", "team", "t1"))!["detail"]!["before"]!, "name"));
        Assert.True(Assert.Single(rows, r => Is(r!, "change", "credential", "c1"))!["detail"]!["secretChanged"]!.GetValue<bool>());
        Assert.Single(rows, r => Is(r!, "key.reveal", "key", "k1"));
        Assert.Single(rows, r => Is(r!, "create", "settings", "settings"));
    }

    [Fact]
    public async Task Rows_of_a_customer_have_a_chain_of_their_own_and_each_chain_verifies()
    {
        var instance = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = $"t{i}", name = "t" });
        }

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/checkpoints");
        var report = await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/verify");

        Assert.True(report["intact"]!.GetValue<bool>(), report.ToJsonString());
        Assert.True(report["rows"]!.GetValue<long>() >= 5);
        Assert.True(report["checkpoints"]!.GetValue<long>() >= 1);
    }

    [Fact]
    public async Task What_is_exported_verifies_offline_and_a_damaged_copy_does_not()
    {
        var instance = await StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = $"t{i}", name = "tüam <&\" " + i });
        }

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/checkpoints");
        var file = await instance.Admin.GetByteArrayAsync("/api/audit/export", Cancellation);
        var page = await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit/checkpoints");
        using var keys = CheckpointKeys.Read(page["publicKeys"]!.GetValue<string>());
        var checkpoints = page["items"]!.AsArray().Select(c => AuditLines.ReadCheckpoint(Encoding.UTF8.GetBytes(c!.ToJsonString()))!).ToList();

        Assert.Empty(Verify(file, checkpoints, keys!).Findings);
        var lines = Encoding.UTF8.GetString(file).Split('\n');
        lines[7] = lines[7].Replace("team", "meat", StringComparison.Ordinal);
        Assert.Contains(Verify(Encoding.UTF8.GetBytes(string.Join('\n', lines)), checkpoints, keys!).Findings, f => f.Kind == AuditFindingKind.Altered && f.Line == 8);

        var exported = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?action=audit.export"))["items"]!.AsArray();
        Assert.Single(exported);
    }

    [Theory]
    [InlineData("UPDATE audit_rows SET actor_name = 'somebody' WHERE chain = 'gateway' AND sequence = 3", "Altered", 3)]
    [InlineData("DELETE FROM audit_rows WHERE chain = 'gateway' AND sequence = 3", "Deleted", 3)]
    [InlineData("DELETE FROM audit_rows WHERE chain = 'gateway' AND sequence >= 5; UPDATE audit_chains SET sequence = 4, hash = (SELECT hash FROM audit_rows WHERE chain = 'gateway' AND sequence = 4) WHERE chain = 'gateway'", "Cut", 5)]
    public async Task Tampering_with_the_store_is_found_and_the_row_named(string sql, string kind, long row)
    {
        var instance = await StartAsync();
        for (var i = 0; i < 8; i++)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = $"t{i}", name = "t" });
        }

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/checkpoints");
        await ExecuteAsync(instance, sql);
        var report = await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/verify");

        Assert.False(report["intact"]!.GetValue<bool>());
        Assert.Contains(report["findings"]!.AsArray(), f => Text(f!, "kind") == kind && f!["first"]!.GetValue<long>() == row);
    }

    [Fact]
    public async Task Writers_side_by_side_leave_one_whole_chain()
    {
        var first = await StartAsync();
        var instances = IsPostgres ? new[] { first, await StartAsync() } : [first];

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => DoAsync(instances[i % instances.Length].Admin, HttpMethod.Post, "/api/teams", new { id = $"t{i}", name = "t" })));

        var report = await DoAsync(first.Admin, HttpMethod.Post, "/api/audit/verify");
        Assert.True(report["intact"]!.GetValue<bool>(), report.ToJsonString());
        var created = (await DoAsync(first.Admin, HttpMethod.Get, "/api/audit?action=create&kind=team&limit=1000"))["items"]!.AsArray();
        Assert.Equal(40, created.Count);
    }

    [Fact]
    public async Task The_list_pages_by_key_newest_first_and_filters()
    {
        var instance = await StartAsync();
        for (var i = 0; i < 7; i++)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = $"t{i}", name = "t" });
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/audit?kind=team&limit=3{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            seen.AddRange(page["items"]!.AsArray().Select(r => Text(r!, "id")));
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);

        Assert.Equal(["t6", "t5", "t4", "t3", "t2", "t1", "t0"], seen);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/audit?after=x")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/audit?colour=red")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/audit/export?after=3")).Status);
    }

    [Fact]
    public async Task Checkpoints_are_carried_to_a_folder_once_each_and_verify_what_is_there()
    {
        var folder = Path.Combine(DataDirectory, "outside");
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["Gateway:Audit:ExportDirectory"] = folder, ["Gateway:Audit:CheckpointRows"] = "1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t1", name = "t" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/checkpoints");
        var file = Path.Combine(folder, "audit-checkpoints.jsonl");

        var stored = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit/checkpoints"))["items"]!.AsArray().Count;
        await Eventually.TrueAsync(() => File.Exists(file) && File.ReadLines(file).Count() >= stored);

        Assert.All(File.ReadLines(file), l => Assert.NotNull(AuditLines.ReadCheckpoint(Encoding.UTF8.GetBytes(l))));
        Assert.Equal(File.ReadLines(file).Count(), File.ReadLines(file).Distinct().Count());
    }

    [Fact]
    public async Task A_refused_change_leaves_no_row()
    {
        var instance = await StartAsync();
        var before = (await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/verify"))["rows"]!.GetValue<long>();

        await SendAsync(instance.Admin, HttpMethod.Post, "/api/teams", """{"id":"t1"}""");
        await SendAsync(instance.Admin, HttpMethod.Delete, "/api/teams/none");

        Assert.Equal(before, (await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/verify"))["rows"]!.GetValue<long>());
    }

    private static AuditVerdict Verify(byte[] file, IReadOnlyList<AuditCheckpoint> checkpoints, CheckpointKeys keys)
    {
        var verifier = new AuditVerifier(checkpoints, keys);
        long number = 0;
        foreach (var line in Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            verifier.AddLine(Encoding.UTF8.GetBytes(line), ++number);
        }

        return verifier.Finish();
    }

    private static bool Is(JsonNode row, string action, string kind, string id) => Text(row, "action") == action && row["kind"]?.GetValue<string>() == kind && row["id"]?.GetValue<string>() == id;

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
