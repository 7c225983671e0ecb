using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.Tests;

/// <summary>A service run as it ships: its own process, its own port, stopped by SIGTERM. Compiled into each service's tests.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    public const string Token = "secret-of-the-test";
    public const string TokenHeader = "x-gateway-internal-token";

    private const int Terminate = 15;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = [];

    private ServiceProcess(Process process, Uri address)
    {
        this.process = process;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = Limit };
        Client.DefaultRequestHeaders.Add(TokenHeader, Token);
    }

    /// <summary>Sends the internal token with every request.</summary>
    public HttpClient Client { get; }

    public string Output => string.Join('\n', output);

    /// <param name="assembly">File name without extension, for example <c>Gateway.Guardrails</c>.</param>
    /// <param name="settings">Configuration keys and values.</param>
    public static Task<ServiceProcess> StartAsync(string assembly, params (string Key, string Value)[] settings) => StartAtAsync(FreeAddress(), assembly, settings);

    /// <summary>An address that nobody listens at.</summary>
    public static Uri FreeAddress() => new($"http://127.0.0.1:{Ports.Free()}");

    /// <summary>The same at an address that others know before it is there.</summary>
    public static async Task<ServiceProcess> StartAtAsync(Uri address, string assembly, params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Gateway__InternalToken"] = Token;
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var service = new ServiceProcess(Process.Start(start)!, address);
        service.process.OutputDataReceived += (_, e) => service.Keep(e.Data);
        service.process.ErrorDataReceived += (_, e) => service.Keep(e.Data);
        service.process.BeginOutputReadLine();
        service.process.BeginErrorReadLine();
        await service.WaitUntilReadyAsync();
        return service;
    }

    /// <summary>Asks the process to stop and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Assert.Equal(0, Kill(process.Id, Terminate));
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            output.Enqueue(line);
        }
    }

    private async Task WaitUntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            Assert.False(process.HasExited, $"the service ended by itself:\n{Output}");
            Assert.False(limit.IsCancellationRequested, $"the service did not get ready:\n{Output}");
            try
            {
                using var ready = await Client.GetAsync("/health/ready", limit.Token);
                if (ready.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
