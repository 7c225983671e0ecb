using System.ComponentModel;

namespace Gateway.AppHost.Local.Stores;

/// <summary>Starts any store.</summary>
internal static class StoreStarter
{
    /// <summary>External, started here, or, when that does not work, embedded after a line to the user: never a failure.</summary>
    public static async Task<StoreOutcome> StartAsync(StoreResource store, StoreContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await (store switch
            {
                RedisResource => RedisStarter.StartAsync(store.Name, context, cancellationToken),
                QdrantServerResource => QdrantStarter.StartAsync(store.Name, context, cancellationToken),
                PostgresServerResource postgres => PostgresStarter.StartAsync(
                    store.Name,
                    postgres.Databases.ToDictionary(database => database.Name, database => database.DatabaseName, StringComparer.Ordinal),
                    context,
                    cancellationToken),
                _ => throw new NotSupportedException($"The local host does not know the store {store.GetType().Name}."),
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            context.Services.Report($"{store.Name} could not be started: {e.Message} The embedded default is used instead.");
            return StoreOutcome.Embedded(store.Name, $"embedded ({store.Name} could not be started)");
        }
    }
}
