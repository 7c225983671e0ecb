using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.ServiceDefaults.Drain;

internal static class DrainExtensions
{
    public static void AddDrain(this IHostApplicationBuilder builder)
    {
        var development = builder.Environment.IsDevelopment();
        var options = new DrainOptions
        {
            Requests = TimeSpan.FromSeconds(builder.Configuration.WholeNumber(DrainOptions.DrainSecondsKey, development ? 3 : 25, 0, 600)),
            Delay = TimeSpan.FromSeconds(builder.Configuration.WholeNumber(DrainOptions.DelaySecondsKey, 0, 0, 60)),
            Flush = TimeSpan.FromSeconds(development ? 1 : 5),
        };
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<DrainService>();
        builder.Services.AddSingleton<IDrain>(s => s.GetRequiredService<DrainService>());
        builder.Services.AddHostedService(s => s.GetRequiredService<DrainService>());

        // The host cancels its stop token after this: that is when the server cuts the connections that are left.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Delay + options.Requests + options.Grace);
    }
}
