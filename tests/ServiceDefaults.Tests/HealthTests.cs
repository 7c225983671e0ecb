using System.Net;
using System.Text.Json;
using Gateway.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.ServiceDefaults.Tests;

public sealed class HealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_without_checks_is_live_and_ready()
    {
        await using var service = await TestService.StartAsync();

        using var live = await service.Client.GetAsync("/health/live", Cancel);
        using var ready = await service.Client.GetAsync("/health/ready", Cancel);

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal("application/json", live.Content.Headers.ContentType?.MediaType);
        Assert.Equal("live", Status(await live.Content.ReadAsStringAsync(Cancel)));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        var body = await ready.Content.ReadAsStringAsync(Cancel);
        Assert.Equal("ready", Status(body));
        Assert.Equal("edge", JsonDocument.Parse(body).RootElement.GetProperty("service").GetString());
    }

    [Fact]
    public async Task A_check_that_fails_makes_it_not_ready_and_keeps_its_message_to_itself()
    {
        await using var service = await StartAsync(
            new Check("store", _ => throw new InvalidOperationException("Password=hunter2")),
            new Check("fine", _ => ValueTask.FromResult(ReadinessResult.Ready())));

        using var ready = await service.Client.GetAsync("/health/ready", Cancel);
        using var live = await service.Client.GetAsync("/health/live", Cancel);

        var body = await ready.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("notReady", Status(body));
        Assert.DoesNotContain("hunter2", body, StringComparison.Ordinal);
        var checks = JsonDocument.Parse(body).RootElement.GetProperty("checks").EnumerateArray()
            .ToDictionary(c => c.GetProperty("name").GetString()!, c => c.GetProperty("status").GetString());
        Assert.Equal("notReady", checks["store"]);
        Assert.Equal("ready", checks["fine"]);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task A_degraded_check_is_told_but_keeps_the_service_ready()
    {
        await using var service = await StartAsync(new Check("cache", _ => ValueTask.FromResult(ReadinessResult.Degraded("cannot be reached"))));

        using var ready = await service.Client.GetAsync("/health/ready", Cancel);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal("degraded", Status(await ready.Content.ReadAsStringAsync(Cancel)));
    }

    [Fact]
    public async Task A_check_that_hangs_counts_as_not_ready_after_its_own_limit()
    {
        // Ignores its token, as a blocked driver would.
        await using var service = await StartAsync(new Check("stuck", _ => new ValueTask<ReadinessResult>(new TaskCompletionSource<ReadinessResult>().Task)));

        using var ready = await service.Client.GetAsync("/health/ready", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("no answer within 2 s", await ready.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_within_a_second_share_one_answer()
    {
        var asked = 0;
        var time = new ManualTime();
        await using var service = await TestService.StartAsync(build: b =>
        {
            b.Services.AddSingleton<TimeProvider>(time);
            b.Services.AddSingleton<IReadinessCheck>(new Check("counted", _ =>
            {
                Interlocked.Increment(ref asked);
                return ValueTask.FromResult(ReadinessResult.Ready());
            }));
        });

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.GetAsync("/health/ready")));
        Assert.Equal(1, asked);

        time.Now += TimeSpan.FromSeconds(1);
        await service.GetAsync("/health/ready");
        Assert.Equal(2, asked);
    }

    private static Task<TestService> StartAsync(params Check[] checks) => TestService.StartAsync(build: b =>
    {
        foreach (var check in checks)
        {
            b.Services.AddSingleton<IReadinessCheck>(check);
        }
    });

    private static string? Status(string body) => JsonDocument.Parse(body).RootElement.GetProperty("status").GetString();

    private sealed class Check(string name, Func<CancellationToken, ValueTask<ReadinessResult>> check) : IReadinessCheck
    {
        public string Name => name;

        public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken) => check(cancellationToken);
    }
}
