using Gateway.Contracts;
using Gateway.Edge.Errors;
using Gateway.Edge.Hosting;
using Gateway.Edge.Http.Inbound;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Uploads;

/// <summary>Registers files and batches.</summary>
internal static class StoredObjectServices
{
    public static void AddStoredObjects(this IServiceCollection services, EdgeOptions options)
    {
        services.AddSingleton<Ownership>();
        services.AddSingleton<GuardedContents>();
        services.AddSingleton<ProviderCalls>();
        services.AddSingleton<ObjectAnswers>();
        services.AddSingleton<ObjectLists>();
        services.AddSingleton(s => new SettledBatches(Path.Combine(options.DataDirectory, WireNames.Edge, "settled-batches"), s.GetRequiredService<ILogger<SettledBatches>>()));
        services.AddSingleton<BatchCharges>();
        services.AddSingleton<BatchSettlement>();
        services.AddSingleton<FileOperations>();
        services.AddSingleton<BatchOperations>();
        Add<FileOperations>(services, InboundEndpoint.Files, FileSpecs.File, static f => f.AllAsync);
        Add<FileOperations>(services, InboundEndpoint.File, FileSpecs.File, static f => f.OneAsync);
        Add<FileOperations>(services, InboundEndpoint.FileContent, FileSpecs.File, static f => f.ContentAsync);
        Add<BatchOperations>(services, InboundEndpoint.Batches, FileSpecs.Batch, static b => b.AllAsync);
        Add<BatchOperations>(services, InboundEndpoint.Batch, FileSpecs.Batch, static b => b.OneAsync);
        Add<BatchOperations>(services, InboundEndpoint.BatchCancel, FileSpecs.Batch, static b => b.CancelAsync);
    }

    private static void Add<T>(IServiceCollection services, InboundEndpoint endpoint, OperationSpec operation, Func<T, Func<RequestContext, string, ValueTask<Failure?>>> serve)
        where T : notnull =>
        services.AddSingleton<IInboundHandler>(s => ActivatorUtilities.CreateInstance<StoredObjectHandler>(s, endpoint, operation, serve(s.GetRequiredService<T>())));
}
