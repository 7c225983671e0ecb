using Gateway.Embeddings;
using Gateway.SemanticCache.Deciding;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Embedded;
using Gateway.SemanticCache.Storing.Qdrant;
using Gateway.ServiceDefaults.Drain;
using Gateway.ServiceDefaults.Rounds;

namespace Gateway.SemanticCache.Hosting;

/// <summary>Loads what is kept before the first request, and looks after it every second.</summary>
internal sealed partial class CacheUpkeep(IServiceProvider services, EvidenceBook book, IEntryStore store, TimeProvider time, ILogger<CacheUpkeep> log)
    : IntervalService(TimeSpan.FromSeconds(1), time), IDrainParticipant
{
    // What expired in a store of others is passed over by look-ups; removing it is not urgent.
    private const int SweepEvery = 60;

    private int _rounds;

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

    protected override async Task BeforeAsync(CancellationToken cancellation)
    {
        // Off the start: reading the model takes a tenth of a second, and look-ups meanwhile wait for it themselves.
        await Task.Yield();
        var model = services.GetService<MiniLmEmbeddingGenerator>();
        model?.Load();
        IsLoaded = true;
        if (model is not null)
        {
            await Warmup.RunAsync(model, services.GetRequiredService<WorkQueue>(), Time, cancellation);
        }
    }

    protected override async Task RoundAsync(CancellationToken cancellation)
    {
        await FlushAsync(cancellation);
        if (++_rounds % SweepEvery == 0 && store is QdrantStore qdrant)
        {
            await qdrant.SweepAsync(cancellation);
        }
    }

    // The next second tries again; a fault of the disk must not end the upkeep.
    protected override void Failed(Exception fault, bool again)
    {
        if (!again)
        {
            LogFailed(fault.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The cache's upkeep failed: {Message}")]
    private partial void LogFailed(string message);
}
