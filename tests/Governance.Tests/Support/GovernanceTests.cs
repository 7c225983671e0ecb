using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Snapshots;
using Gateway.Contracts.Usage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Gateway.Governance.Tests.Support;

/// <summary>
/// Base of tests that run against both stores: the behaviours are written once in an abstract class, and a sealed class per store runs
/// them. Each test has its own folder and database.
/// </summary>
public abstract class GovernanceTests(PostgresServer? server) : IAsyncLifetime
{
    private readonly List<Instance> _instances = [];
    private readonly List<string> _databases = [];
    private readonly string _root = QuickFolder.NewPath("gw-gov-");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected string? Postgres { get; private set; }

    protected bool IsPostgres => server is not null;

    protected string DataDirectory => Path.Combine(_root, "data");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_root);
        if (server is not null)
        {
            await UseNewDatabaseAsync(server);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        if (Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }

        foreach (var database in _databases)
        {
            await server!.TakeBackAsync(database);
        }

        GC.SuppressFinalize(this);
    }

    protected async Task<Instance> StartAsync(string environment = "Production", IReadOnlyDictionary<string, string?>? settings = null)
    {
        var instance = await Instance.StartAsync(DataDirectory, Postgres, Cancellation, environment, settings);
        _instances.Add(instance);
        return instance;
    }

    protected async Task StopAsync(Instance instance)
    {
        _instances.Remove(instance);
        await instance.DisposeAsync();
    }

    /// <summary>A new, empty store, as after the loss of the database; the key files stay.</summary>
    protected async Task ForgetStoreAsync()
    {
        if (server is not null)
        {
            await UseNewDatabaseAsync(server);
        }
        else
        {
            foreach (var file in Directory.GetFiles(Path.Combine(DataDirectory, "governance"), "governance.db*"))
            {
                File.Delete(file);
            }
        }
    }

    private async Task UseNewDatabaseAsync(PostgresServer postgres)
    {
        Postgres = await postgres.NewDatabaseAsync(Cancellation);
        _databases.Add(Postgres);
    }

    protected static async Task<(HttpStatusCode Status, JsonObject Body, string? ETag)> SendAsync(
        HttpClient client, HttpMethod method, string path, object? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await client.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        if ((int)response.StatusCode >= 400)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        return (response.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject(), response.Headers.ETag?.Tag);
    }

    /// <summary>Sends what must succeed.</summary>
    protected static async Task<JsonObject> DoAsync(HttpClient client, HttpMethod method, string path, object? body = null)
    {
        var (status, answer, _) = await SendAsync(client, method, path, body);
        Assert.True((int)status < 300, $"{method} {path}: {(int)status} {answer.ToJsonString()}");
        return answer;
    }

    protected static async Task<GatewaySnapshot> SnapshotAsync(Instance instance, long after = 0, int waitSeconds = 30)
    {
        using var response = await instance.Internal.GetAsync($"/internal/snapshot?after={after}&waitSeconds={waitSeconds}", Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.GatewaySnapshot, Cancellation))!;
    }

    /// <summary>Asks as an edge that holds a configuration and can read differences, and gives what it holds then.</summary>
    protected static async Task<(SnapshotImage Image, bool IsDifference)> FollowAsync(Instance instance, SnapshotImage held, string? source = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Question(held, waitSeconds: 30));
        if (source is not null)
        {
            request.Headers.Add(WireNames.SnapshotSourceHeader, source);
        }

        using var response = await instance.Internal.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var json = await response.Content.ReadAsByteArrayAsync(Cancellation);
        var isDifference = response.Headers.Contains(WireNames.SnapshotFormHeader);
        var image = isDifference ? held.ReadDifference(json) : held.Read(json);
        Assert.NotNull(image);
        return (image, isDifference);
    }

    protected static string Question(SnapshotImage held, int waitSeconds) =>
        $"/internal/snapshot?after={held.Version}&waitSeconds={waitSeconds}&form={WireNames.SnapshotDifference}&digest={held.Digest}";

    protected static async Task<UsageAck> IngestAsync(Instance instance, params IReadOnlyList<UsageRecord> records)
    {
        using var response = await instance.Internal.PostAsJsonAsync(
            "/internal/usage", new UsageBatch { EdgeId = "edge-1", Records = records }, ContractsJson.Default.UsageBatch, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.UsageAck, Cancellation))!;
    }

    /// <summary>Fields of a problem that are wrong, in order.</summary>
    protected static string[] FieldsOf(JsonObject problem) => [.. problem["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>())];

    /// <summary>Runs SQL past the service, as somebody with access to the database would.</summary>
    protected Task ExecuteAsync(Instance instance, string sql) => ScalarAsync(instance, sql);

    /// <summary>The same, for the first value that it gives; null for none.</summary>
    protected async Task<object?> ScalarAsync(Instance instance, string sql)
    {
        await using System.Data.Common.DbConnection connection = Postgres is not null
            ? new NpgsqlConnection(Postgres)
            : new SqliteConnection($"Data Source={Path.Combine(instance.DataDirectory, "governance", "governance.db")};Pooling=false");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Cancellation);
    }

    /// <summary>Everything that the store has on disk or in its tables.</summary>
    protected async Task<string> StoredTextAsync(Instance instance)
    {
        if (Postgres is null)
        {
            var text = new StringBuilder();
            foreach (var file in Directory.GetFiles(Path.Combine(instance.DataDirectory, "governance"), "governance.db*"))
            {
                await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var reader = new StreamReader(stream, Encoding.Latin1);
                text.Append(await reader.ReadToEndAsync(Cancellation));
            }

            return text.ToString();
        }

        await using var connection = new NpgsqlConnection(Postgres);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(
            "SELECT (SELECT string_agg(e::text, '|') FROM config_entries e) || (SELECT string_agg(a::text, '|') FROM admin_keys a)", connection);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
