using Gateway.Embeddings;
using Gateway.SemanticCache.Deciding;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Embedded;
using Gateway.SemanticCache.Storing.Qdrant;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.SemanticCache.Hosting;

/// <summary>Loads what is kept before the first request, and looks after it every second.</summary>
internal sealed partial class CacheUpkeep(IServiceProvider services, EvidenceBook book, IEntryStore store, TimeProvider time, ILogger<CacheUpkeep> log)
    : BackgroundService, IDrainParticipant
{
    // What expired in a store of others is passed over by look-ups; removing it is not urgent.
    private const int SweepEvery = 60;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public string Name => "semantic cache";

    public bool IsLoaded { get; private set; }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await book.LoadAsync(cancellationToken);
        if (store is EmbeddedStore embedded)
        {
            await embedded.LoadAsync(cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await book.FlushAsync();
        if (store is EmbeddedStore embedded)
        {
            await embedded.MaintainAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the start: reading the model takes a tenth of a second, and look-ups meanwhile wait for it themselves.
        await Task.Yield();
        var model = services.GetService<MiniLmEmbeddingGenerator>();
        model?.Load();
        IsLoaded = true;
        var warmup = model is null ? Task.CompletedTask : Warmup.RunAsync(model, services.GetRequiredService<WorkQueue>(), time, stoppingToken);
        var ticks = 0;
        using var timer = new PeriodicTimer(Interval, time);
        await warmup;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await FlushAsync(stoppingToken);
                if (++ticks % SweepEvery == 0 && store is QdrantStore qdrant)
                {
                    await qdrant.SweepAsync(stoppingToken);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next second tries again; a fault of the disk must not end the upkeep.
                LogFailed(e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The cache's upkeep failed: {Message}")]
    private partial void LogFailed(string message);
}
