using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Gateway.Dashboard.Hosting;

/// <summary>
/// Style sheet and modules, embedded in the assembly. Each address has the hash of its content, so browsers keep it for ever; modules import each other by plain names, which
/// resolve to the same folder and so to the same hash: it is one of all assets together.
/// </summary>
public static class AssetFiles
{
    private const string Style = "app.css";

    // In this order: what comes later may build on what comes before.
    private static readonly string[] _styles = ["tokens.css", "base.css", "layout.css", "components.css", "charts.css", "pages.css"];

    private static readonly Dictionary<string, byte[]> _files = Load();

    private static readonly string _hash = Convert.ToHexStringLower(SHA256.HashData([.. _files.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => f.Value)]))[..12];

    /// <summary>Address of the style sheet.</summary>
    public static string StyleSheet { get; } = Address(Style);

    /// <summary>Address of a module.</summary>
    public static string Address(string file) => $"{DashboardPage.Root}/assets/{_hash}/{file}";

    public static IEnumerable<string> Names => _files.Keys;

    internal static void Map(IEndpointRouteBuilder app) => app.MapGet(DashboardPage.Root + "/assets/{hash}/{file}", context =>
    {
        // An address of another build gets what there is now, but nobody is to keep it.
        if (context.Request.RouteValues["file"] is not string name || !_files.TryGetValue(name, out var content))
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        }

        context.Response.ContentType = name.EndsWith(".css", StringComparison.Ordinal) ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
        context.Response.ContentLength = content.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = context.Request.RouteValues["hash"] as string == _hash ? "public, max-age=31536000, immutable" : "no-cache";
        return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }).WithMetadata(new ExcludedFromDescription());

    private static Dictionary<string, byte[]> Load()
    {
        var assembly = typeof(AssetFiles).Assembly;
        var files = assembly.GetManifestResourceNames().ToDictionary(
            n => n,
            n =>
            {
                using var stream = assembly.GetManifestResourceStream(n)!;
                var content = new byte[stream.Length];
                stream.ReadExactly(content);
                return content;
            },
            StringComparer.Ordinal);
        var style = Encoding.UTF8.GetBytes(string.Join('\n', _styles.Select(s => Encoding.UTF8.GetString(files[s]))));
        foreach (var part in _styles)
        {
            files.Remove(part);
        }

        files[Style] = style;
        return files;
    }
}
