using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.ServiceDefaults.Tests;

public sealed class LoggingTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("Information", true)]
    public async Task The_servers_own_words_show_only_when_asked_for(string? level, bool shown)
    {
        var log = new CollectedLog();
        await using var service = await TestService.StartAsync(
            level is null ? [] : new() { ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = level },
            b => b.Services.AddSingleton<ILoggerProvider>(log));

        Assert.Equal(shown, log.Lines.Any(l => l.Contains("Now listening on", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_service_may_speak_and_frameworks_may_warn()
    {
        var log = new CollectedLog();
        await using var service = await TestService.StartAsync(build: b => b.Services.AddSingleton<ILoggerProvider>(log));
        var loggers = service.App.Services.GetRequiredService<ILoggerFactory>();

        Assert.True(loggers.CreateLogger("Gateway.Edge").IsEnabled(LogLevel.Information));
        Assert.True(loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel").IsEnabled(LogLevel.Warning));
        Assert.False(loggers.CreateLogger("Microsoft.AspNetCore.Routing").IsEnabled(LogLevel.Information));
    }
}
