using System.Text;
using System.Text.Json;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>Step 3: may the key do that. Finds the route of the model and checks everything the key is limited to.</summary>
internal sealed class AuthorizeStep
{
    public Failure? Run(RequestContext context) =>
        ResolveRoute(context) ?? CheckAddress(context) ?? CheckMetadata(context);

    private static Failure? ResolveRoute(RequestContext context)
    {
        if (context.PathModel is { Length: > EnvelopeReader.MaxModelBytes })
        {
            return new Failure(GatewayError.ModelUnknown, Step.Authorize, $"A model's name has at most {EnvelopeReader.MaxModelBytes} bytes.") { Param = "model" };
        }

        Span<char> buffer = stackalloc char[EnvelopeReader.MaxModelBytes];
        // Of an address and a body that name two models the address counts, as it does with the providers that put it there.
        var name = context.PathModel is { } named ? named : context.Envelope.ModelStart < 0 ? context.Operation.DefaultModel : Decode(context, buffer);
        var route = context.Model.FindRoute(name);
        context.ModelName = route is { IsPattern: false } ? route.Name : name.ToString();
        if (route is null)
        {
            return new Failure(GatewayError.ModelUnknown, Step.Authorize, $"The model '{context.ModelName}' does not exist here; GET /v1/models lists what this key may use.") { Param = "model" };
        }

        if (!context.Key!.MayUse(context.ModelName, route))
        {
            return new Failure(GatewayError.ModelForbidden, Step.Authorize, $"This API key may not use the model '{context.ModelName}'; GET /v1/models lists what it may use.") { Param = "model" };
        }

        context.WildcardPart = route.WildcardPart(context.ModelName);
        context.Route = route.ForWildcard(context.WildcardPart);
        return null;
    }

    private static ReadOnlySpan<char> Decode(RequestContext context, Span<char> buffer)
    {
        ref var envelope = ref context.Envelope;
        var json = context.Body.Span.Slice(envelope.ModelStart, envelope.ModelLength);
        if (envelope.IsForm)
        {
            return buffer[..Encoding.UTF8.GetChars(json, buffer)];
        }

        if (!envelope.ModelEscaped)
        {
            return buffer[..Encoding.UTF8.GetChars(json[1..^1], buffer)];
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        return buffer[..reader.CopyString(buffer)];
    }

    /// <summary>Checks where the caller is.</summary>
    public static Failure? CheckAddress(RequestContext context)
    {
        var networks = context.Key!.Networks;
        if (networks.Length == 0)
        {
            return null;
        }

        if (context.Http.Connection.RemoteIpAddress is { } remote)
        {
            var address = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
            foreach (var network in networks)
            {
                if (network.Contains(address))
                {
                    return null;
                }
            }
        }

        return new Failure(GatewayError.AddressForbidden, Step.Authorize, "This API key may not be used from this address.");
    }

    /// <summary>Takes up the metadata in the header and what the request says of its caller, and checks what the key requires of metadata.</summary>
    public static Failure? CheckMetadata(RequestContext context)
    {
        if (context.Http.Request.Headers.TryGetValue(GatewayHeaders.Metadata, out var header))
        {
            var problem = CallerMetadata.Read(header.ToString(), out var metadata);
            context.HeaderMetadata = metadata;
            if (problem is not null)
            {
                return new Failure(GatewayError.ValueInvalid, Step.Authorize, problem) { Param = GatewayHeaders.Metadata };
            }
        }

        if (CallerFacts.Read(context) is { } wrong)
        {
            return wrong;
        }

        foreach (var name in context.Key!.RequiredMetadata)
        {
            if (!EnvelopeReader.HasMetadata(context.Body.Span, context.Envelope, name) && context.HeaderMetadata?.ContainsKey(name) != true)
            {
                var member = context.Operation.Shape.LabelsMember;
                var where = member is null ? $"'{name}'" : $"'{member}.{name}' in the request, or '{name}'";
                return new Failure(GatewayError.MetadataMissing, Step.Authorize, $"This API key requires {where} in the header {GatewayHeaders.Metadata}.") { Param = member ?? GatewayHeaders.Metadata };
            }
        }

        return null;
    }
}
