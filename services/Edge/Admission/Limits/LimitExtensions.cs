using Gateway.Contracts;
using Gateway.ServiceDefaults;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Stores;

namespace Gateway.Edge.Admission.Limits;

/// <summary>Registration of rate limits.</summary>
internal static class LimitExtensions
{
    /// <summary>How many edges there are, for an edge that cannot find out. Default 4: one that knows nothing of others leaves them room.</summary>
    private const string EdgesKey = "Gateway:Edges";

    private const int EdgesUnlessSaid = 4;

    private const int MostEdges = 1_000;

    /// <summary>Rate limits, shared through Redis where there is one, else through governance; an edge alone without Redis counts by itself.</summary>
    /// <param name="builder">The edge's builder.</param>
    /// <param name="alone">True when there is no governance.</param>
    public static void AddLimits(this IHostApplicationBuilder builder, bool alone)
    {
        var services = builder.Services;
        services.AddSingleton<LimitSharing>();
        services.AddSingleton<LimitMetrics>();
        services.AddSingleton<LimitWaits>();
        services.AddSingleton<RateGate>();
        if (builder.AddGatewayRedis(StoreNeed.Optional))
        {
            services.AddSingleton<ILimitCoordinator, RedisLimits>();
        }
        else if (!alone)
        {
            services.AddSingleton<ILimitCoordinator>(static s => new GovernanceLimits(s.GetRequiredService<IServiceClients>().Get(WireNames.Governance)));
        }
        else
        {
            return;
        }

        var edges = (int)builder.Configuration.WholeNumber(EdgesKey, EdgesUnlessSaid, 1, MostEdges);
        services.AddSingleton(s =>
        {
            var sharing = new LimitSharing(s.GetRequiredService<TimeProvider>());
            sharing.Begin(edges);
            return sharing;
        });
        services.AddSingleton<LimitExchange>().AddHostedService(static s => s.GetRequiredService<LimitExchange>());
    }
}
