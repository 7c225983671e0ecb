using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>The gateway as processes of this machine, with the embedded stores or with those found on PATH.</summary>
public abstract class LocalGateway(bool stores) : GatewayFixture
{
    private AppHostProcess? _host;

    public override string? SkipReason => stores ? StoresMissing : null;

    internal static string? StoresMissing =>
        Repository.OnPath("redis-server") is null || Repository.OnPath("postgres") is null || Repository.OnPath("initdb") is null
            ? "redis-server, postgres and initdb are not all on PATH"
            : null;

    internal AppHostProcess Host => _host!;

    protected override async Task<string> StartGatewayAsync()
    {
        _host = await AppHostProcess.StartAsync(Data, stores);
        return _host.Url;
    }

    protected override ValueTask StopGatewayAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>SQLite and memory.</summary>
[CollectionDefinition(Name)]
public sealed class EmbeddedGateway() : LocalGateway(stores: false), ICollectionFixture<EmbeddedGateway>
{
    public const string Name = "embedded stores";
}

/// <summary>Postgres and Redis.</summary>
[CollectionDefinition(Name)]
public sealed class StoresGateway() : LocalGateway(stores: true), ICollectionFixture<StoresGateway>
{
    public const string Name = "redis and postgres";
}
