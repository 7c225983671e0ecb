using System.Net;
using System.Net.Sockets;
using Gateway.ServiceDefaults.Drain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Gateway.ServiceDefaults.Tests;

public sealed class DrainTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_running_stream_is_finished_while_new_connections_are_refused_and_journals_flush_last()
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var journal = new Journal();
        var streamEnded = false;
        await using var service = await TestService.StartAsync(
            new() { ["Gateway:DrainSeconds"] = "30" },
            b => b.Services.AddSingleton<IDrainParticipant>(journal),
            app => app.MapGet("/stream", async context =>
            {
                await context.Response.WriteAsync("first ", Cancel);
                await finish.Task.WaitAsync(Cancel);
                await context.Response.WriteAsync("last", Cancel);
                streamEnded = true;
            }));
        journal.OnFlush = () => Assert.True(streamEnded);
        using var response = await service.Client.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        var buffer = new byte[64];
        var read = await body.ReadAsync(buffer, Cancel);

        var stop = service.App.StopAsync(Cancel);
        await Eventually.TrueAsync(async () => await IsRefusedAsync(service.Client.BaseAddress!), "the port closes");
        Assert.Equal(0, journal.Flushes);
        Assert.False(service.App.Services.GetRequiredService<IDrain>().Deadline.IsCancellationRequested);
        finish.SetResult();
        using var reader = new StreamReader(body);
        var rest = await reader.ReadToEndAsync(Cancel);
        await stop;

        Assert.Equal("first last", System.Text.Encoding.UTF8.GetString(buffer, 0, read) + rest);
        Assert.Equal(1, journal.Flushes);
    }

    [Fact]
    public async Task Readiness_answers_503_while_the_service_still_accepts()
    {
        await using var service = await TestService.StartAsync(new() { ["Gateway:DrainDelaySeconds"] = "60", ["Gateway:DrainSeconds"] = "0" });

        service.App.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        using var ready = await service.Client.GetAsync("/health/ready", Cancel);
        using var live = await service.Client.GetAsync("/health/live", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("\"draining\"", await ready.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.True(service.App.Services.GetRequiredService<IDrain>().Started.IsCancellationRequested);
    }

    [Fact]
    public async Task A_stream_that_outlives_its_time_is_told_first()
    {
        var drain = default(IDrain);
        await using var service = await TestService.StartAsync(
            new() { ["Gateway:DrainSeconds"] = "0" },
            map: app => app.MapGet("/stream", async context =>
            {
                await context.Response.WriteAsync("first ", Cancel);
                var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var _ = drain!.Deadline.Register(told.SetResult);
                await told.Task.WaitAsync(Cancel);
                await context.Response.WriteAsync("error: stopping", Cancel);
            }));
        drain = service.App.Services.GetRequiredService<IDrain>();
        using var response = await service.Client.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead, Cancel);

        var stop = service.App.StopAsync(Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        await stop;

        Assert.Equal("first error: stopping", text);
    }

    [Fact]
    public async Task A_stream_that_does_not_listen_is_cut_and_the_journal_still_flushes()
    {
        var journal = new Journal();
        await using var service = await TestService.StartAsync(
            new() { ["Gateway:DrainSeconds"] = "0" },
            b => b.Services.AddSingleton<IDrainParticipant>(journal),
            app => app.MapGet("/stream", async context =>
            {
                await context.Response.WriteAsync("first ", Cancel);
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }));
        using var response = await service.Client.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead, Cancel);

        var stop = service.App.StopAsync(Cancel);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Cancel));
        await stop;

        Assert.Equal(1, journal.Flushes);
    }

    [Fact]
    public async Task A_participant_that_hangs_or_throws_keeps_neither_the_others_nor_the_stop_from_ending()
    {
        var journal = new Journal();
        var builder = TestService.Builder(environment: "Development");
        builder.Services.AddSingleton<IDrainParticipant>(new Journal { Hangs = true });
        builder.Services.AddSingleton<IDrainParticipant>(new Journal { OnFlush = () => throw new IOException("disk full") });
        builder.Services.AddSingleton<IDrainParticipant>(journal);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(Cancel);

        await app.StopAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.Equal(1, journal.Flushes);
    }

    [Theory]
    [InlineData("Production", 25.5)]
    [InlineData("Development", 3.5)]
    public void The_host_waits_as_long_as_requests_may_take(string environment, double seconds)
    {
        using var services = TestService.Builder(environment: environment).Services.BuildServiceProvider();

        Assert.Equal(TimeSpan.FromSeconds(seconds), services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Theory]
    [InlineData("601")]
    [InlineData("-1")]
    [InlineData("soon")]
    public void A_limit_that_is_not_legal_is_refused_with_key_and_range(string value)
    {
        var error = Assert.Throws<InvalidOperationException>(() => TestService.Builder(new() { ["Gateway:DrainSeconds"] = value }));

        Assert.Contains("Gateway:DrainSeconds", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 to 600", error.Message, StringComparison.Ordinal);
    }

    private static async Task<bool> IsRefusedAsync(Uri address)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, Cancel);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private sealed class Journal : IDrainParticipant
    {
        private int flushes;

        public int Flushes => Volatile.Read(ref flushes);

        public Action? OnFlush { get; set; }

        public bool Hangs { get; init; }

        public string Name => "journal";

        public Task FlushAsync(CancellationToken cancellationToken)
        {
            OnFlush?.Invoke();
            Interlocked.Increment(ref flushes);
            return Hangs ? new TaskCompletionSource().Task : Task.CompletedTask;
        }
    }
}
