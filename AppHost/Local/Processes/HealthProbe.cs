namespace Gateway.AppHost.Local.Processes;

/// <summary>Asks over HTTP whether a process serves.</summary>
internal sealed class HealthProbe(HttpMessageInvoker http)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    /// <summary>Whether a GET answers 2xx.</summary>
    /// <param name="url">The address.</param>
    /// <param name="apiKey">Sent as <c>api-key</c>, when there is one.</param>
    /// <param name="cancellationToken">Gives up; the answer is then false.</param>
    public async Task<bool> AnswersAsync(Uri url, string? apiKey, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.ConnectionClose = true;
            if (apiKey is not null)
            {
                request.Headers.Add("api-key", apiKey);
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_limit);
            using var response = await http.SendAsync(request, limit.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
