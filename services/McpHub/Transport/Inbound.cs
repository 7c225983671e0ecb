using System.Net;
using Gateway.Contracts;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.MetaTools;
using Gateway.McpHub.Protocol;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.McpHub.Transport;

/// <summary>What every request over HTTP is looked at for: whose it is, what it addresses, where it comes from, how large it is.</summary>
internal static class Inbound
{
    private const long MostDrained = 16 * 1024 * 1024;

    /// <summary>Largest message of a client.</summary>
    public const long MaxBodyBytes = 4 * 1024 * 1024;

    /// <summary>Configuration key of origins that web pages may call from, separated by spaces or commas; <c>*</c> for all. Default: this machine and the gateway's own address.</summary>
    public const string OriginsKey = "McpHub:AllowedOrigins";

    private static readonly char[] Separators = [' ', ','];

    /// <summary>Who calls, as the edge says.</summary>
    public static HubCaller Caller(HttpContext context)
    {
        var headers = context.Request.Headers;
        return new HubCaller
        {
            KeyId = headers[WireNames.CallerHeader].ToString(),
            Team = Unescaped(headers[WireNames.CallerTeamHeader]),
            Customer = Unescaped(headers[WireNames.CallerCustomerHeader]),
            EndUser = Unescaped(headers[WireNames.CallerEndUserHeader]),
            Session = Unescaped(headers[WireNames.CallerSessionHeader]),
            HoldNanos = long.TryParse(headers[WireNames.McpHoldHeader].ToString(), System.Globalization.CultureInfo.InvariantCulture, out var hold) && hold >= 0 ? hold : null,
        };
    }

    /// <summary>What an address names; null for nothing that there is.</summary>
    public static HubScope? Scope(HttpContext context)
    {
        if (context.Request.RouteValues["target"] is not string { Length: > 0 } target)
        {
            return HubScope.All;
        }

        var registered = context.RequestServices.GetRequiredService<IHubServers>().Current;
        return target == MetaToolDefinitions.Server || registered.Servers.ContainsKey(target) ? HubScope.Server(target) : registered.Bundles.ContainsKey(target) ? HubScope.Bundle(target) : null;
    }

    /// <summary>Whether a web page that calls may do so: a page of anywhere must not reach a gateway on this machine under a name of its own.</summary>
    public static bool IsOriginAllowed(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0)
        {
            return true;
        }

        var allowed = (context.RequestServices.GetRequiredService<IConfiguration>()[OriginsKey] ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        if (allowed.Contains("*") || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page))
        {
            return false;
        }

        var host = context.Request.Headers["X-Forwarded-Host"].ToString() is { Length: > 0 } forwarded ? forwarded : context.Request.Host.Value ?? "";
        var name = HostString.FromUriComponent(host).Host.Trim('[', ']');
        var from = context.Request.Headers["X-Forwarded-For"].ToString() is { Length: > 0 } client ? client.Split(',')[0].Trim() : context.Connection.RemoteIpAddress?.ToString();
        var isNear = !IPAddress.TryParse(from, out var address) || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        return isNear ? page.IsLoopback && IsLoopbackName(name) : page.Host.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads the body; null when the request has been answered.</summary>
    public static async ValueTask<byte[]?> BodyAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await context.RefuseAsync(StatusCodes.Status415UnsupportedMediaType, RpcError.Transport, "The body is not declared as JSON: send content-type application/json.").ConfigureAwait(false);
            return null;
        }

        if (context.Request.ContentLength is { } announced && announced > MaxBodyBytes)
        {
            await TooLargeAsync(context).ConfigureAwait(false);
            return null;
        }

        try
        {
            var body = new byte[context.Request.ContentLength ?? 4096];
            var used = 0;
            while (true)
            {
                if (used == body.Length)
                {
                    if (used == context.Request.ContentLength)
                    {
                        return body;
                    }

                    Array.Resize(ref body, (int)Math.Min(body.Length * 2L, MaxBodyBytes + 1));
                }

                var read = await context.Request.Body.ReadAsync(body.AsMemory(used), context.RequestAborted).ConfigureAwait(false);
                used += read;
                if (read == 0)
                {
                    return used == body.Length ? body : body[..used];
                }

                if (used > MaxBodyBytes)
                {
                    await TooLargeAsync(context).ConfigureAwait(false);
                    return null;
                }
            }
        }
        catch (BadHttpRequestException e)
        {
            await context.RefuseAsync(e.StatusCode, RpcError.Transport, e.Message).ConfigureAwait(false);
            return null;
        }
    }

    private static bool IsLoopbackName(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static string? Unescaped(string? header) => string.IsNullOrEmpty(header) ? null : Uri.UnescapeDataString(header);

    private static async Task TooLargeAsync(HttpContext context)
    {
        // A client that is still sending would see a broken connection instead of the answer.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostDrained;
            var rest = new byte[16 * 1024];
            try
            {
                while (await context.Request.Body.ReadAsync(rest, context.RequestAborted).ConfigureAwait(false) > 0)
                {
                }
            }
            catch (BadHttpRequestException)
            {
                // It is larger still.
            }
        }

        await context.RefuseAsync(StatusCodes.Status413PayloadTooLarge, RpcError.Transport, $"Request body too large: {MaxBodyBytes} bytes are allowed.").ConfigureAwait(false);
    }
}
