using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Governance.Outbound;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Alerts;

/// <summary>Sends one message by one channel.</summary>
internal sealed class AlertSenders(AlertChannelResource channels, TimeProvider time) : IDisposable
{
    private const int MostError = 300;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(15);
    private readonly HttpClient _http = OutboundClients.Client(_limit);

    /// <summary>Sends; returns what went wrong, or null. Never the secret: an address of Slack is one.</summary>
    public async Task<string?> SendAsync(StoredChannel channel, AlertNotice notice, CancellationToken cancellation)
    {
        if (channels.Open(channel) is not { } secret)
        {
            return channel.SecretRef is { } reference
                ? $"The channel's secret cannot be had from {reference}: see the faults of the status."
                : "The channel's secret cannot be decrypted: store it anew.";
        }

        if (channel.Type == AlertChannelType.Slack && AlertChannelResource.WebAddress(secret) is { } wrong)
        {
            return $"The channel's secret {wrong}";
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_limit);
        try
        {
            return channel.Type switch
            {
                AlertChannelType.Email => await new SmtpMail(channel, secret, time).SendAsync(notice.Id, AlertText.Subject(notice), AlertText.Whole(notice), limit.Token).ConfigureAwait(false),
                AlertChannelType.Slack => await PostAsync(secret, JsonSerializer.SerializeToUtf8Bytes(new SlackMessage(AlertText.Whole(notice)), AlertJson.Default.SlackMessage), "", notice.Id, limit.Token).ConfigureAwait(false),
                _ => await PostAsync(channel.Url!, JsonSerializer.SerializeToUtf8Bytes(notice, AlertJson.Default.AlertNotice), secret, notice.Id, limit.Token).ConfigureAwait(false),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"The receiver did not answer within {_limit.TotalSeconds:0} s.";
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or System.Net.Sockets.SocketException or FormatException or InvalidOperationException)
        {
            return Short(secret.Length > 0 ? fault.Message.Replace(secret, "…", StringComparison.Ordinal) : fault.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string?> PostAsync(string address, byte[] body, string secret, string id, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.Add("x-gateway-delivery", id);
        if (secret.Length > 0)
        {
            var at = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            byte[] signed = [.. Encoding.UTF8.GetBytes(at + "."), .. body];
            var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
            request.Headers.Add("x-gateway-signature", $"t={at},v1={Convert.ToHexStringLower(mac)}");
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? null : $"The receiver answered {(int)response.StatusCode}.";
    }

    private static string Short(string text) => text.Length <= MostError ? text : text[..MostError];
}

/// <summary>Alerts in words.</summary>
internal static class AlertText
{
    public static string Subject(AlertNotice notice) => (notice.Alerts, notice.Signals) switch
    {
        ([], []) => "Gateway: test of an alert channel",
        ([var one], []) => $"Gateway: budget '{one.BudgetName}' is at {one.Percent.ToString(CultureInfo.InvariantCulture)} %",
        ([], [var signal]) => $"Gateway: {signal.Title}",
        ({ } many, []) => string.Create(CultureInfo.InvariantCulture, $"Gateway: {many.Count} budget alerts"),
        ({ } budgets, { } signals) => string.Create(CultureInfo.InvariantCulture, $"Gateway: {budgets.Count + signals.Count} alerts"),
    };

    public static string Whole(AlertNotice notice) => notice.Alerts.Count + notice.Signals.Count == 0
        ? "This is a test: the channel works."
        : string.Join('\n', notice.Signals.Select(Line).Concat(notice.Alerts.Select(static a => string.Create(
            CultureInfo.InvariantCulture,
            $"Budget '{a.BudgetName}' ({a.BudgetId}), window {a.Window}: {a.Percent} % reached, {Money.Usd(a.SettledNanoUsd)} of {Money.Usd(a.AllowedNanoUsd)} USD settled at {a.At:yyyy-MM-dd HH:mm:ss} UTC."))));

    private static string Line(AlertSignal signal) => string.Create(
        CultureInfo.InvariantCulture, $"{(signal.Resolved ? "Over: " : signal.Severity == AlertSeverity.Critical ? "Critical: " : "")}{signal.Title}. {signal.Text} ({signal.At:yyyy-MM-dd HH:mm:ss} UTC)");
}
