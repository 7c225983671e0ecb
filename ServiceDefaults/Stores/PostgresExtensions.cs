using Gateway.Contracts;
using Gateway.ServiceDefaults.Health;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
#if !ASPIRE_CLIENTS
using Microsoft.Extensions.Logging;
#endif

namespace Gateway.ServiceDefaults.Stores;

/// <summary>Registers Postgres.</summary>
public static class PostgresExtensions
{
    /// <summary>
    /// Registers a singleton <see cref="NpgsqlDataSource"/> and a readiness check when <c>ConnectionStrings:gatewaydb</c>
    /// is set, in Npgsql's form <c>Host=…;Username=…;Password=…;Database=…</c>. Nothing is connected before the first use.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="need">What an unreachable Postgres means for readiness. Default <see cref="StoreNeed.Required"/>.</param>
    /// <returns>False when there is no Postgres: use the embedded store.</returns>
    /// <exception cref="InvalidOperationException">The connection string cannot be read.</exception>
    public static bool AddGatewayPostgres(this IHostApplicationBuilder builder, StoreNeed need = StoreNeed.Required)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var text = builder.Configuration.GetConnectionString(WireNames.PostgresConnection);
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        Validate(text);
        var named = Named(text);
#if ASPIRE_CLIENTS
        builder.AddNpgsqlDataSource(
            WireNames.PostgresConnection,
            settings =>
            {
                // Readiness and telemetry are the gateway's own, the same with and without Aspire.
                settings.DisableHealthChecks = true;
                settings.DisableTracing = true;
                settings.DisableMetrics = true;
                settings.ConnectionString = named;
            });
#else
        builder.Services.AddSingleton(s => new NpgsqlDataSourceBuilder(named).UseLoggerFactory(s.GetRequiredService<ILoggerFactory>()).Build());
#endif
        builder.Services.AddSingleton<IReadinessCheck>(s => new PostgresCheck(s.GetRequiredService<NpgsqlDataSource>(), need));
        return true;
    }

    /// <summary>With a name for this process, by which its connections can be told from those of others.</summary>
    private static string Named(string text)
    {
        var parts = new NpgsqlConnectionStringBuilder(text);
        if (string.IsNullOrEmpty(parts.ApplicationName))
        {
            parts.ApplicationName = WireNames.PostgresClientPrefix + Guid.CreateVersion7().ToString("N");
        }

        return parts.ConnectionString;
    }

    private static void Validate(string text)
    {
        try
        {
            if (!string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host))
            {
                return;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // Falls through to the message below: the parser's own may quote the password.
        }

        throw new InvalidOperationException(
            "ConnectionStrings:gatewaydb (environment variable ConnectionStrings__gatewaydb) cannot be read: write Host=localhost;Port=5432;Username=gateway;Password=secret;Database=gatewaydb.");
    }
}

internal sealed class PostgresCheck(NpgsqlDataSource source, StoreNeed need) : StoreCheck("postgres", need)
{
    protected override async Task PingAsync(CancellationToken cancellationToken)
    {
        var command = source.CreateCommand("SELECT 1");
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
