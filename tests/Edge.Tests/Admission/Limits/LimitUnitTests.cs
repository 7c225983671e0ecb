using System.Net;
using Gateway.Edge.Tests.Operations;

namespace Gateway.Edge.Tests.Admission.Limits;

/// <summary>Limits of images and of seconds of recordings as callers meet them.</summary>
public sealed class LimitUnitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Images_are_counted_each_and_those_that_were_not_made_come_back()
    {
        await using var host = await OperationsHost.StartAsync(more: "limits: { pictures: { name: Pictures, metric: images, amount: 5, windowSeconds: 86400, scope: { key: main } } }");
        Assert.Equal(HttpStatusCode.OK, await ImagesAsync(host, 3));
        using (var refused = await host.Edge.PostAsync("/v1/images/generations", Images(3)))
        {
            var error = await EdgeHost.ErrorAsync(refused, 429, "unit_limit_exceeded");
            Assert.Contains("'Pictures' of 5 images in 86400 s", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Equal("pictures", refused.Headers.GetValues("x-gateway-limit").Single());
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalHours, 4.7, 4.81);
        }

        // A refusal of the provider makes none.
        using (var failed = await host.Edge.PostAsync("/v1/images/generations", Images(2, "sim?status=400")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, failed.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await ImagesAsync(host, 2));
        using var never = await host.Edge.PostAsync("/v1/images/generations", Images(6));
        var why = await EdgeHost.ErrorAsync(never, 429, "unit_limit_exceeded");
        Assert.Contains("ask for fewer images", why["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(never.Headers.RetryAfter);
    }

    [Fact]
    public async Task Seconds_of_recordings_are_bounded_by_their_size_and_replaced_by_what_was_heard()
    {
        await using var host = await OperationsHost.StartAsync(more: "limits: { heard: { name: Heard, metric: audioSeconds, amount: 70, windowSeconds: 86400 } }");

        // 64,000 bytes may be 64 seconds, and are four by the provider's count.
        for (var i = 0; i < 2; i++)
        {
            using var heard = await ListenAsync(host, 64_000);
            Assert.Equal(HttpStatusCode.OK, heard.StatusCode);
            await heard.Content.ReadAsByteArrayAsync(Cancel);
            await host.Edge.RecordsAsync(i + 1);
        }

        // 62 are left.
        using (var refused = await ListenAsync(host, 64_000))
        {
            var error = await EdgeHost.ErrorAsync(refused, 429, "unit_limit_exceeded");
            Assert.Contains("70 seconds of audio in 86400 s", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        using (var fits = await ListenAsync(host, 60_000))
        {
            Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        }

        using var never = await ListenAsync(host, 71_000);
        var why = await EdgeHost.ErrorAsync(never, 429, "unit_limit_exceeded");
        Assert.Contains("send a shorter recording", why["message"]!.GetValue<string>(), StringComparison.Ordinal);

        // What has no sound is not counted.
        using var chat = await host.Edge.ChatAsync("sim");
        Assert.Equal(HttpStatusCode.OK, chat.StatusCode);
    }

    private static Task<HttpResponseMessage> ListenAsync(OperationsHost host, int bytes) => host.FormAsync("/v1/audio/transcriptions", "file", new byte[bytes], ("model", "sim"));

    private static async Task<HttpStatusCode> ImagesAsync(OperationsHost host, int count)
    {
        using var response = await host.Edge.PostAsync("/v1/images/generations", Images(count));
        await response.Content.ReadAsByteArrayAsync(Cancel);
        return response.StatusCode;
    }

    private static string Images(int count, string model = "sim") => $$"""{"model":"{{model}}","prompt":"a cat","n":{{count}}}""";
}
