namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Who a text comes from, as far as it matters for what it may ask.</summary>
public enum TextSource
{
    /// <summary>Somebody who may give orders: a user, or it is not known.</summary>
    Person = 1,

    /// <summary>Data: the result of a tool, a document, a page. It has no orders to give.</summary>
    Data = 2,
}
