using System.Text.Json;
using Gateway.Edge.Http;
using Gateway.Edge.Http.Inbound;

namespace Gateway.Edge.Models;

/// <summary>One model, in the caller's dialect.</summary>
internal sealed class ModelHandler(UsableModels models) : IInboundHandler
{
    public InboundEndpoint Endpoint => InboundEndpoint.Model;

    public async Task HandleAsync(HttpContext http, InboundMatch match)
    {
        if (models.Find(http, match.Dialect, match.Captured!, out var model) is { } failure)
        {
            await ErrorResponse.WriteAsync(http, failure, null, match.Dialect).ConfigureAwait(false);
            return;
        }

        http.Response.ContentType = "application/json";
        using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        ModelShapes.WriteModel(writer, match.Dialect, model);
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }
}
