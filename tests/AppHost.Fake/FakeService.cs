using System.Runtime.InteropServices;

namespace Gateway.AppHost.Fake;

/// <summary>A service that does as it is told: shows its environment, crashes, refuses to start or to stop.</summary>
internal static class FakeService
{
    public static async Task RunAsync()
    {
        var name = Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME");
        if (Environment.GetEnvironmentVariable("FAKE_BROKEN") == name)
        {
            await Console.Error.WriteLineAsync("the fake setting is wrong");
            Environment.Exit(7);
        }

        using var stubborn = Environment.GetEnvironmentVariable("FAKE_STUBBORN") == name
            ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true)
            : null;
        var builder = WebApplication.CreateSlimBuilder();
        var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapGet("/environment/{variable}", (string variable) => Environment.GetEnvironmentVariable(variable) ?? "(none)");
        app.MapPost("/crash", () => Environment.Exit(3));
        app.MapPost("/warn", (ILoggerFactory loggers) => FakeLog.Warn(loggers.CreateLogger("Fake"), name));
        await app.RunAsync();
    }
}

/// <summary>What the fake logs.</summary>
internal static partial class FakeLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Name} was asked to warn")]
    public static partial void Warn(ILogger logger, string? name);
}
