// What classic script includes find besides the Glide API: Class.create, Object.extendsObject and the
// processor base class of GlideAjax. Plain JavaScript, run in the scope's script world.

/** Source of the prelude. */
export const ajaxPrelude = `
var Class = { create: function () { return function () { if (this.initialize) this.initialize.apply(this, arguments) } } };
Object.defineProperty(Object, 'extendsObject', { value: function (base, members) {
  var target = Object.create(typeof base === 'function' ? base.prototype : base);
  for (var name in members) target[name] = members[name];
  return target;
} });
var AbstractAjaxProcessor = function () {};
AbstractAjaxProcessor.prototype = {
  initialize: function (request) { this.request = request },
  getParameter: function (name) { return this.request.getParameter(name) },
  getName: function () { return this.request.getParameter('sysparm_name') },
  getType: function () { return this.type }
};
var global = { AbstractAjaxProcessor: AbstractAjaxProcessor };
`
