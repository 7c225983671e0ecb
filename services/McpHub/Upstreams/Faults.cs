using System.Globalization;

namespace Gateway.McpHub.Upstreams;

/// <summary>The sentences in which faults are told. They name the server by its id, and neither addresses nor secrets.</summary>
internal static class Faults
{
    public static UpstreamFault Unknown(string server) => new(UpstreamFaultKind.Unknown, $"No server '{server}' is registered.") { IsUnprocessed = true };

    public static UpstreamFault Unreachable(string server, string why)
        => new(UpstreamFaultKind.Unreachable, $"The server '{server}' cannot be reached: {why}. Try again later, or tell an administrator.") { IsUnprocessed = true };

    public static UpstreamFault Down(string server, string why)
        => new(UpstreamFaultKind.Unreachable, $"The server '{server}' does not run: {why}. It is started again; try in a moment.") { IsUnprocessed = true };

    public static UpstreamFault TimedOut(string server, TimeSpan limit)
        => new(UpstreamFaultKind.TimedOut, string.Create(CultureInfo.InvariantCulture, $"The server '{server}' did not answer within {limit.TotalSeconds:0.###} s. It was told to stop; it may have done a part of the work."));

    public static UpstreamFault TooLarge(string server, int maxBytes)
        => new(UpstreamFaultKind.TooLarge, string.Create(CultureInfo.InvariantCulture, $"The answer of the server '{server}' is larger than the {maxBytes} bytes allowed for it. Ask for less, or have an administrator raise maxResponseBytes."));

    public static UpstreamFault Malformed(string server, string why)
        => new(UpstreamFaultKind.Malformed, $"The server '{server}' answered with something that is not MCP: {why}");

    public static UpstreamFault WrongId(string server)
        => new(UpstreamFaultKind.WrongId, $"The server '{server}' answered a request that it was not asked. Its answer was dropped.");

    public static UpstreamFault BrokenOff(string server)
        => new(UpstreamFaultKind.BrokenOff, $"The server '{server}' broke off before it answered. It may have done the work: look before you repeat the call.");

    public static UpstreamFault SessionLost(string server)
        => new(UpstreamFaultKind.SessionLost, $"The session with the server '{server}' ended. A new one begins with the next call.") { IsUnprocessed = true };

    public static UpstreamFault Refused(string server, int status)
        => new(UpstreamFaultKind.Refused, string.Create(CultureInfo.InvariantCulture, $"The server '{server}' refused the request with HTTP status {status}.")) { IsUnprocessed = status is 429 or 503 };

    public static UpstreamFault Unauthorized(string server, Uri? connectAt)
        => new(UpstreamFaultKind.Unauthorized, connectAt is null
            ? $"The server '{server}' does not accept the gateway's credentials. An administrator has to renew them."
            : $"The server '{server}' wants you to sign in. Open {connectAt} and call again.") { ConnectAt = connectAt, IsUnprocessed = true };

    public static UpstreamFault Unsupported(string server, string? version)
        => new(UpstreamFaultKind.Unsupported, version is null
            ? $"The server '{server}' speaks no revision of MCP that the gateway knows."
            : $"The server '{server}' speaks revision '{Shorten(version)}' of MCP, which the gateway does not know.") { IsUnprocessed = true };

    public static UpstreamFault Cancelled() => new(UpstreamFaultKind.Cancelled, "The request was cancelled.");

    public static UpstreamFault Busy(string server)
        => new(UpstreamFaultKind.Busy, $"Too many requests are under way at the server '{server}'. Try again in a moment.") { IsUnprocessed = true };

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40];
}
