using Gateway.ServiceDefaults.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

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

    [Fact]
    public async Task The_level_changes_while_loggers_are_in_use_and_only_for_the_gateways_own()
    {
        var log = new CollectedLog();
        await using var service = await TestService.StartAsync(build: b => b.Services.AddSingleton<ILoggerProvider>(log));
        var loggers = service.App.Services.GetRequiredService<ILoggerFactory>();
        var (own, framework) = (loggers.CreateLogger("Gateway.Edge.Something"), loggers.CreateLogger("Microsoft.AspNetCore.Routing"));
        var levels = service.App.Services.GetRequiredService<LogLevelSwitch>();

        levels.Set(LogLevel.Debug);
        Assert.True(own.IsEnabled(LogLevel.Debug));
        Assert.False(framework.IsEnabled(LogLevel.Debug));
        levels.Set(LogLevel.Error);
        Assert.False(own.IsEnabled(LogLevel.Warning));
        Assert.True(framework.IsEnabled(LogLevel.Warning));
        levels.Set(null);
        Assert.True(own.IsEnabled(LogLevel.Information));
        Assert.False(own.IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public async Task Lines_are_json_by_choice()
    {
        await using var text = await TestService.StartAsync();
        await using var json = await TestService.StartAsync(new() { ["Gateway:LogFormat"] = "json" });

        Assert.Equal("simple", text.App.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
        Assert.Equal("json", json.App.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
        var error = Assert.Throws<InvalidOperationException>(() => TestService.Builder(new() { ["Gateway:LogFormat"] = "xml" }));
        Assert.Contains("text or json", error.Message, StringComparison.Ordinal);
    }
}
