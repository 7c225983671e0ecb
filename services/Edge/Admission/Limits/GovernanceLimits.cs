using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Limits;

namespace Gateway.Edge.Admission.Limits;

/// <summary>Counters that governance keeps.</summary>
internal sealed class GovernanceLimits(HttpClient governance) : ILimitCoordinator
{
    public async ValueTask<(LimitResponse? Answer, string? Problem)> AskAsync(LimitRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await governance.PostAsJsonAsync("/internal/limits", request, ContractsJson.Default.LimitRequest, cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? (await response.Content.ReadFromJsonAsync(ContractsJson.Default.LimitResponse, cancellationToken).ConfigureAwait(false), null)
                : (null, $"governance answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException)
        {
            return (null, "governance did not answer in time");
        }
    }
}
