using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Deciding;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticMatching.Learning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.SemanticCache.Tests;

public sealed class EmbeddingSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"data":[{"embedding":[3,0,4,0,0,0,0,0]}]}""", null)]
    [InlineData("""{"data":[{"embedding":[3,0,4]}]}""", CacheReasons.EmbeddingUnavailable)]
    [InlineData("""{"data":[{"embedding":[0,0,0,0,0,0,0,0]}]}""", CacheReasons.EmbeddingUnavailable)]
    [InlineData("""{"data":[]}""", CacheReasons.EmbeddingUnavailable)]
    [InlineData("oops", CacheReasons.EmbeddingUnavailable)]
    public async Task An_endpoint_gives_unit_vectors_of_its_dimension_or_none(string answer, string? reason)
    {
        await using var server = await ServerAsync(answer);
        using var source = Source(server);
        var embedded = await source.EmbedAsync("你好", Cancel);
        Assert.Equal(reason, embedded.Reason);
        if (reason is null)
        {
            Assert.Equal(0.6f, embedded.Vector![0], 5);
            Assert.Null(source.Obstacle("你好"));
            Assert.NotEqual("all-MiniLM-L6-v2", source.Id);
        }
    }

    [Fact]
    public async Task An_endpoint_that_fails_is_left_alone()
    {
        var asked = 0;
        await using var server = await ServerAsync("", () => asked++, 500);
        using var source = Source(server);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(CacheReasons.EmbeddingUnavailable, (await source.EmbedAsync("x", Cancel)).Reason);
        }

        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_what_nobody_waits_for_is_not_begun()
    {
        using var queue = new WorkQueue(1, 1);
        using var hold = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var first = queue.RunAsync(
            () =>
            {
                begun.Set();
                hold.Wait(Cancel);
                return 1;
            },
            Cancel);
        begun.Wait(Cancel);
        using var gone = new CancellationTokenSource();
        var ran = false;
        var second = queue.RunAsync(() => ran = true, gone.Token);
        Assert.False((await queue.RunAsync(static () => 3, Cancel)).Done);
        await gone.CancelAsync();
        hold.Set();
        Assert.Equal((true, 1), await first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await second);
        Assert.True((await RetryAsync(queue)).Done);
        Assert.False(ran);
    }

    [Theory]
    [InlineData("How are you?", true)]
    [InlineData("Où est la gare ?", true)]
    [InlineData("如何重置密码", false)]
    [InlineData("Привет, как дела", false)]
    [InlineData("12345 !!", false)]
    [InlineData("What does 你好 mean in the Chinese language?", true)]
    public void Scripts_that_the_built_in_model_does_not_know_are_told_apart(string text, bool latin) => Assert.Equal(latin, Scripts.MostlyLatin(text));

    [Fact]
    public async Task What_was_learnt_survives_a_torn_and_a_damaged_file()
    {
        var folder = Directory.CreateTempSubdirectory("learned").FullName;
        var domain = new string('d', 64);
        var time = new ManualTime();
        await using (var book = new EvidenceBook(folder, time, NullLogger<EvidenceBook>.Instance))
        {
            await book.LoadAsync(Cancel);
            for (var i = 0; i < 30; i++)
            {
                book.Observe(domain, new Observation(Guid.NewGuid(), 2, i % 3 > 0, ObservationKind.Explored));
                await book.FlushAsync();
            }
        }

        var file = Path.Combine(folder, "learned.log");
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        await File.WriteAllBytesAsync(file, bytes[..^10], Cancel);
        await using (var book = new EvidenceBook(folder, time, NullLogger<EvidenceBook>.Instance))
        {
            await book.LoadAsync(Cancel);
            Assert.InRange(book.Of(domain).Stats().Observations, 29, 30);
        }

        bytes = await File.ReadAllBytesAsync(file, Cancel);
        bytes[3] ^= 0xff;
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        await using (var book = new EvidenceBook(folder, time, NullLogger<EvidenceBook>.Instance))
        {
            await book.LoadAsync(Cancel);
            book.Observe(domain, new Observation(Guid.NewGuid(), 2, true, ObservationKind.Explored));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(bool Done, int Result)> RetryAsync(WorkQueue queue)
    {
        while (true)
        {
            var (done, result) = await queue.RunAsync(static () => 4, Cancel);
            if (done)
            {
                return (done, result);
            }

            await Task.Yield();
        }
    }

    private static EndpointSource Source(WebApplication server)
    {
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new EndpointSource(new HttpClient { BaseAddress = new Uri(address + "/v1/") }, "m", "k", 8, 5000, 4, new ManualTime());
    }

    private static async Task<WebApplication> ServerAsync(string answer, Action? asked = null, int status = 200)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context =>
        {
            asked?.Invoke();
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(answer);
        });
        await app.StartAsync();
        return app;
    }
}
