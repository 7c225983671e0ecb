using System.Net.Http.Json;
using Gateway.Contracts;
using Gateway.Contracts.RequestLog;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

/// <summary>Entries of the request log, and how tests send and find them.</summary>
public abstract class RequestLogHarness(PostgresServer? server) : GovernanceTests(server)
{
    protected static readonly DateTimeOffset Start = new(2026, 5, 10, 12, 0, 0, TimeSpan.Zero);

    protected static string Id(int n) => $"{0xabcdef0123456789:x16}{n:x16}";

    protected static long Micros(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    protected static UsageRecord Record(int n) => new()
    {
        Id = Id(n),
        StartedAtMicros = Micros(Start) + n,
        Operation = Operation.Chat,
        Outcome = RequestOutcome.Completed,
        Status = 200,
        KeyId = "k-a",
        Model = "m",
        Tokens = new TokenUsage { Input = 10 * n, Output = n },
        CostNanoUsd = 1_000 * n,
        PriceVersion = "1",
    };

    protected static RequestLogEntry Entry(int n) => new() { Id = Id(n), StartedAtMicros = Micros(Start) + n, KeyId = "k-a", Model = "m", RequestId = $"r{n}" };

    protected static RequestLogEntry WithBodies(int n, string? request, string? answer) => Entry(n) with
    {
        Request = request is null ? null : new LoggedBody { Text = request, Bytes = request.Length },
        Answer = answer is null ? null : new LoggedBody { Text = answer, Bytes = answer.Length },
    };

    protected static Task<HttpResponseMessage> PostAsync(Instance instance, params RequestLogEntry[] entries) =>
        instance.Internal.PostAsJsonAsync("/internal/logs", new RequestLogBatch { EdgeId = "edge-1", Entries = entries }, ContractsJson.Default.RequestLogBatch, Cancellation);

    protected static async Task<(int Stored, int Duplicates)> SendLogsAsync(Instance instance, params RequestLogEntry[] entries)
    {
        using var answer = await PostAsync(instance, entries);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        var ack = (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.RequestLogAck, Cancellation))!;
        return (ack.Stored, ack.Duplicates);
    }

    protected static async Task<List<string>> FoundAsync(HttpClient caller, string query)
    {
        var ids = new List<string>();
        string? after = null;
        do
        {
            var page = await DoAsync(caller, HttpMethod.Get, $"/api/logs?{query}{(after is null ? "" : $"&after={after}")}");
            ids.AddRange(page["items"]!.AsArray().Select(i => (string)i!["id"]!));
            after = (string?)page["next"];
        }
        while (after is not null);
        return ids;
    }

    protected static async Task<HttpClient> CallerAsync(Instance instance, string role, string[]? teams = null) =>
        instance.With((string)(await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { name = role, role, teamIds = teams ?? [] }))["key"]!);

    protected static async Task<List<string>> Actions(Instance instance) =>
        [.. (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?limit=100"))["items"]!.AsArray().Select(i => (string)i!["action"]!)];

    /// <summary>All that lies in the store: the files of SQLite, or all rows of Postgres.</summary>
    protected async Task<string> EverythingAsync(Instance instance, bool withFreedPages = true)
    {
        if (IsPostgres || !withFreedPages)
        {
            var all = new System.Text.StringBuilder();
            var tables = IsPostgres
                ? (string?)await ScalarAsync(instance, "SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'audit%'")
                : (string?)await ScalarAsync(instance, "SELECT group_concat(name) FROM sqlite_master WHERE type = 'table' AND (name LIKE 'usage_records%' OR name LIKE 'request_sessions' OR name LIKE 'request_details%' OR name LIKE 'request_bodies%')");
            foreach (var table in tables!.Split(','))
            {
                var columns = IsPostgres ? "t::text" : (string)(await ScalarAsync(instance, $"SELECT group_concat('coalesce(' || name || ','''')', '||') FROM pragma_table_info('{table}')"))!;
                all.Append(await ScalarAsync(instance, IsPostgres ? $"SELECT string_agg({columns}, '|') FROM {table} t" : $"SELECT group_concat({columns}, '|') FROM {table}"));
            }

            return all.ToString();
        }

        return await StoredTextAsync(instance);
    }
}
