using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Tests;

namespace Gateway.SemanticCache.Tests;

/// <summary>Two services that share vectors in Qdrant and answers in Redis, Postgres or Qdrant itself.</summary>
public sealed class SharedStoreTests(PostgresServer postgres) : IAsyncLifetime
{
    private const string Partition = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private readonly string folder = Directory.CreateTempSubdirectory("semcache").FullName;
    private FakeQdrant qdrant = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => qdrant = await FakeQdrant.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await qdrant.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("qdrant")]
    public async Task An_entry_of_one_service_is_found_and_deleted_by_another(string answers)
    {
        using var redis = answers == "redis" ? RedisProcess.Start() : null;
        var settings = new List<(string, string)> { ("Gateway:Cache:Answers", answers) };
        if (redis is not null)
        {
            settings.Add(("ConnectionStrings:redis", redis.Address));
        }

        if (answers == "postgres")
        {
            settings.Add(("ConnectionStrings:gatewaydb", await postgres.NewDatabaseAsync(Cancel)));
        }

        await using var one = await StartAsync("one", settings);
        await using var two = await StartAsync("two", settings);
        await Eventually.TrueAsync(async () => (await StoreAsync(one, "How do I reset my password?")).Stored);
        var same = await LookupAsync(two, "how do I reset my password");
        Assert.Equal((CacheOutcome.Hit, "body"), (same.Outcome, Encoding.UTF8.GetString(same.Answer!.Body)));
        var near = await LookupAsync(two, "How can I reset my password?");
        Assert.Equal((CacheOutcome.Hit, "body"), (near.Outcome, Encoding.UTF8.GetString(near.Answer!.Body)));

        using var deleted = await two.Client.DeleteAsync("/v1/entries?all=true", Cancel);
        Assert.Equal("""{"deleted":1}""", await deleted.Content.ReadAsStringAsync(Cancel));
        Assert.NotEqual(CacheOutcome.Hit, (await LookupAsync(one, "How do I reset my password?")).Outcome);
    }

    [Fact]
    public async Task A_redis_that_was_emptied_or_is_gone_is_a_miss()
    {
        using var redis = RedisProcess.Start();
        await using var service = await StartAsync("one", [("ConnectionStrings:redis", redis.Address)]);
        await Eventually.TrueAsync(async () => (await StoreAsync(service, "How do I reset my password?")).Stored);
        await Eventually.TrueAsync(async () => (await LookupAsync(service, "How do I reset my password?")).Outcome == CacheOutcome.Hit);
        redis.Flush();
        Assert.Equal(CacheOutcome.Miss, (await LookupAsync(service, "How do I reset my password?")).Outcome);
        redis.Dispose();
        Assert.Equal(CacheOutcome.Miss, (await LookupAsync(service, "How can I reset my password?")).Outcome);
        Assert.Equal(CacheReasons.StoreUnavailable, (await StoreAsync(service, "Another question?")).Reason);
        Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync("/health/ready", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_qdrant_that_hangs_costs_the_budget_and_nothing_more()
    {
        await using var service = await StartAsync("one", []);
        Assert.True((await StoreAsync(service, "How do I reset my password?")).Stored);
        qdrant.Slow = true;
        var answer = await LookupAsync(service, "How do I reset my password?", budget: 100);
        Assert.Equal((CacheOutcome.Bypass, CacheReasons.OutOfTime), (answer.Outcome, answer.Reason));
        Assert.Equal(CacheReasons.StoreUnavailable, (await StoreAsync(service, "Another question?")).Reason);
        qdrant.Slow = false;
        await Eventually.TrueAsync(async () => (await LookupAsync(service, "How do I reset my password?")).Outcome == CacheOutcome.Hit);
    }

    private Task<ServiceProcess> StartAsync(string name, IEnumerable<(string, string)> settings) => ServiceProcess.StartAsync(
        "Gateway.SemanticCache",
        [("Gateway:DataDirectory", Path.Combine(folder, name)), ("ConnectionStrings:qdrant_http", $"Endpoint={qdrant.Address};Key=k"), .. settings]);

    private static async Task<CacheStoreResponse> StoreAsync(ServiceProcess service, string text)
    {
        var request = new CacheStoreRequest { Partition = Partition, Text = text, TtlSeconds = 600, Answer = new CacheAnswer { Body = "body"u8.ToArray(), Text = "body" } };
        using var response = await service.Client.PostAsync(
            "/v1/store", new StringContent(JsonSerializer.Serialize(request, ContractsJson.Default.CacheStoreRequest), Encoding.UTF8, "application/json"), Cancel);
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Cancel), ContractsJson.Default.CacheStoreResponse)!;
    }

    private static async Task<CacheLookupResponse> LookupAsync(ServiceProcess service, string text, int budget = 30_000)
    {
        var request = new CacheLookupRequest
        {
            Partition = Partition, Text = text, BudgetMilliseconds = budget, Policy = new CacheMatchPolicy { Mode = CacheMatchMode.Threshold, Threshold = 0.9 },
        };
        using var response = await service.Client.PostAsync(
            "/v1/lookup", new StringContent(JsonSerializer.Serialize(request, ContractsJson.Default.CacheLookupRequest), Encoding.UTF8, "application/json"), Cancel);
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Cancel), ContractsJson.Default.CacheLookupResponse)!;
    }

    private sealed class RedisProcess(Process process, int port) : IDisposable
    {
        private bool stopped;

        public string Address => $"127.0.0.1:{port},connectTimeout=500,syncTimeout=500";

        public static RedisProcess Start()
        {
            Assert.SkipUnless(
                (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static p => File.Exists(Path.Combine(p, "redis-server"))), "redis-server is not on PATH");
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true };
            foreach (var argument in new[] { "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no" })
            {
                start.ArgumentList.Add(argument);
            }

            var process = Process.Start(start)!;
            process.OutputDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            return new RedisProcess(process, port);
        }

        public void Flush()
        {
            using var client = new TcpClient("127.0.0.1", port);
            using var stream = client.GetStream();
            stream.Write("FLUSHALL\r\n"u8);
            Assert.Equal('+', stream.ReadByte());
        }

        public void Dispose()
        {
            if (!stopped)
            {
                stopped = true;
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
        }
    }
}
