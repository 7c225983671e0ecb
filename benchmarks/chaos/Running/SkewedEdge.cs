using System.Globalization;
using Gateway.Edge.Hosting;

namespace Gateway.Chaos.Running;

/// <summary>The edge, whole, with a clock that is wrong by a constant: a process of its own, so that it can be killed.</summary>
internal static class SkewedEdge
{
    public const string Command = "edge";

    /// <param name="skewMs">How far its clock is ahead, in milliseconds; negative: behind.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<int> RunAsync(string skewMs, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var options = EdgeOptions.Read(null, null, builder.Configuration);
        // Whoever registers the clock first is taken.
        builder.Services.AddSingleton<TimeProvider>(new SkewedTime(TimeSpan.FromMilliseconds(long.Parse(skewMs, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))));
        builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        var app = EdgeApp.Build(builder, options);
        await app.RunAsync(cancellation).ConfigureAwait(false);
        return 0;
    }

    private sealed class SkewedTime(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
