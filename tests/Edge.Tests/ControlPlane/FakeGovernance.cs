using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.RequestLog;
using Gateway.Contracts.Snapshots;
using Gateway.Contracts.Usage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.ControlPlane;

/// <summary>Governance as the edge sees it, on a real port: the snapshot's long-poll and the intake of usage.</summary>
internal sealed class FakeGovernance : IAsyncDisposable
{
    public const string Token = "internal-token-of-the-tests";

    private int _openPolls;
    private readonly ConcurrentDictionary<string, UsageRecord> _ledger = [];
    private readonly List<UsageSpan> _spans = [];
    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal);
    private WebApplication? _app;
    private readonly ConcurrentQueue<SnapshotImage> _images = [];
    private GatewaySnapshot? _snapshot;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _port;

    public ICollection<UsageRecord> Ledger => _ledger.Values;

    public ConcurrentQueue<int> Batches { get; } = [];

    public ConcurrentQueue<string> EdgeIds { get; } = [];

    public ConcurrentQueue<(long After, int Wait, string? Source)> Polls { get; } = [];

    public int Duplicates { get; private set; }

    /// <summary>How many records the last batch said to be set aside.</summary>
    public int Refused { get; private set; }

    /// <summary>Decides on a batch before it is stored; a status other than 200 refuses it.</summary>
    public Func<UsageBatch, HttpStatusCode> OnBatch { get; set; } = _ => HttpStatusCode.OK;

    /// <summary>Store a batch, then answer with this: a lost acknowledgement.</summary>
    public Func<HttpStatusCode> OnStored { get; set; } = () => HttpStatusCode.OK;

    /// <summary>True for a governance that takes sums; it keeps what it has of each journal as the real one does.</summary>
    public bool TakesSums { get; set; }

    public string? Source { get; set; } = "store-a";

    public string? RawSnapshot { get; set; }

    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        client.DefaultRequestHeaders.Add(WireNames.InternalTokenHeader, Token);
        return client;
    }

    public static async Task<FakeGovernance> StartAsync()
    {
        var governance = new FakeGovernance();
        await governance.RunAsync();
        return governance;
    }

    /// <summary>Starts, on the same port as before if it ran already.</summary>
    public async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(1));
        _app = builder.Build();
        _app.MapGet("/internal/snapshot", SnapshotAsync);
        _app.MapPost("/internal/usage", UsageAsync);
        _app.MapPost("/internal/logs", LogsAsync);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _port = new Uri(_app.Urls.First()).Port;
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(TestContext.Current.CancellationToken);
            await app.DisposeAsync();
        }
    }

    /// <summary>What every answer in the form of a difference is turned into; by default what it is.</summary>
    public Func<byte[], byte[]> OnDifference { get; set; } = static json => json;

    /// <summary>Versions from which and to which differences were given.</summary>
    public ConcurrentQueue<(long From, long To)> Differences { get; } = [];

    /// <summary>Questions that wait for an answer; those of a client that has gone until that was noticed.</summary>
    public int OpenPolls => Volatile.Read(ref _openPolls);

    /// <summary>Forgets what differences are made from, as a restart does.</summary>
    public void Forget() => _images.Clear();

    public void Publish(GatewaySnapshot snapshot)
    {
        _images.Enqueue((_images.LastOrDefault() ?? SnapshotImage.Empty).With(snapshot));
        Volatile.Write(ref _snapshot, snapshot);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Entries of the request log, by id.</summary>
    public ConcurrentDictionary<string, RequestLogEntry> Logs { get; } = [];

    /// <summary>Decides on a batch of the request log before it is stored; a status other than 200 refuses it.</summary>
    public Func<RequestLogBatch, HttpStatusCode> OnLogs { get; set; } = _ => HttpStatusCode.OK;

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task LogsAsync(HttpContext context)
    {
        var batch = (await context.Request.ReadFromJsonAsync(ContractsJson.Default.RequestLogBatch, context.RequestAborted))!;
        var status = context.Request.Headers[WireNames.InternalTokenHeader] == Token ? OnLogs(batch) : HttpStatusCode.Unauthorized;
        context.Response.StatusCode = (int)status;
        if (status == HttpStatusCode.OK)
        {
            var stored = batch.Entries.Count(e => Logs.TryAdd(e.Id, e));
            await context.Response.WriteAsJsonAsync(new RequestLogAck { Stored = stored, Duplicates = batch.Entries.Count - stored }, ContractsJson.Default.RequestLogAck);
        }
    }

    private async Task SnapshotAsync(HttpContext context)
    {
        if (context.Request.Headers[WireNames.InternalTokenHeader] != Token)
        {
            context.Response.StatusCode = 401;
            return;
        }

        if (Source is not null)
        {
            context.Response.Headers[WireNames.SnapshotSourceHeader] = Source;
        }

        var after = long.Parse(context.Request.Query["after"]!, null);
        var wait = int.Parse(context.Request.Query["waitSeconds"]!, null);
        Polls.Enqueue((after, wait, context.Request.Headers[WireNames.SnapshotSourceHeader]));
        Interlocked.Increment(ref _openPolls);
        context.Response.OnCompleted(() =>
        {
            Interlocked.Decrement(ref _openPolls);
            return Task.CompletedTask;
        });
        var deadline = Task.Delay(TimeSpan.FromSeconds(wait), context.RequestAborted);
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (RawSnapshot is { } raw)
            {
                await context.Response.WriteAsync(raw, context.RequestAborted);
                return;
            }

            if (Volatile.Read(ref _snapshot) is { } snapshot && snapshot.Version > after)
            {
                if (context.Request.Query["form"] == WireNames.SnapshotDifference
                    && _images.FirstOrDefault(i => i.Version == after && i.Digest.ToString() == context.Request.Query["digest"]) is { } before
                    && _images.LastOrDefault(i => i.Version == snapshot.Version) is { } image)
                {
                    Differences.Enqueue((after, image.Version));
                    context.Response.Headers[WireNames.SnapshotFormHeader] = WireNames.SnapshotDifference;
                    await context.Response.Body.WriteAsync(OnDifference(image.DifferenceFrom(before)), context.RequestAborted);
                    return;
                }

                await context.Response.WriteAsJsonAsync(snapshot, ContractsJson.Default.GatewaySnapshot, null, context.RequestAborted);
                return;
            }

            if (await Task.WhenAny(changed, deadline) == deadline)
            {
                context.Response.StatusCode = 204;
                return;
            }
        }
    }

    private async Task UsageAsync(HttpContext context)
    {
        if (context.Request.Headers[WireNames.InternalTokenHeader] != Token)
        {
            context.Response.StatusCode = 401;
            return;
        }

        var batch = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.UsageBatch, context.RequestAborted);
        Refused = batch!.Refused;
        Assert.NotNull(batch);
        Batches.Enqueue(batch.Records.Count);
        EdgeIds.Enqueue(batch.EdgeId);
        var decision = OnBatch(batch);
        if (decision != HttpStatusCode.OK)
        {
            context.Response.StatusCode = (int)decision;
            return;
        }

        var taken = Take(batch);
        context.Response.StatusCode = (int)OnStored();
        await context.Response.WriteAsJsonAsync(
            new UsageAck { Stored = batch.Records.Count, Duplicates = 0, TakesSums = TakesSums, TakenUpTo = taken }, ContractsJson.Default.UsageAck, null, context.RequestAborted);
    }

    private long? Take(UsageBatch batch)
    {
        lock (_spans)
        {
            if (batch.Summed is { } span)
            {
                if (_taken.GetValueOrDefault(span.Writer, -1) >= span.First)
                {
                    return _taken[span.Writer];
                }

                _spans.Add(span);
                _taken[span.Writer] = span.Last;
            }

            foreach (var record in batch.Records)
            {
                var (writer, sequence) = (record.Id[..16], Convert.ToInt64(record.Id[16..], 16));
                if (batch.Summed is null)
                {
                    _taken[writer] = Math.Max(sequence, _taken.GetValueOrDefault(writer, -1));
                    if (_spans.Any(s => s.Writer == writer && s.First <= sequence && sequence <= s.Last))
                    {
                        Duplicates++;
                        continue;
                    }
                }

                Duplicates += _ledger.TryAdd(record.Id, record) ? 0 : 1;
            }

            return null;
        }
    }
}
